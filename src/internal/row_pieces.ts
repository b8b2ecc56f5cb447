/**
 * Elements of a piece of a tensor that is gone through piece by piece: 1 MB of numbers, little beside large tensors, and
 * enough for an op of TensorFlow to cost more than its call.
 */
const PIECE = 2 ** 18;

/** How many rows each piece of `[rows, columns]` has: as many as have 2¹⁸ elements, but one at least. */
export function pieceSizes(rows: number, columns: number): number[] {
  const most = Math.max(1, Math.floor(PIECE / Math.max(1, columns)));
  return Array.from({length: Math.ceil(rows / most)}, (_, i) => Math.min(most, rows - i * most));
}
