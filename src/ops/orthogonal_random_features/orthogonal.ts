/** Orthogonal rows on the host, in double precision. */

/**
 * The columns of the square matrix `rows` made orthonormal one after the other, as rows: Qᵀ of its QR factorisation,
 * with a positive diagonal in R. Each column is projected twice, which leaves errors of rounding size only.
 */
export function orthonormalRows(rows: readonly ArrayLike<number>[]): Float64Array[] {
  const size = rows.length;
  const basis: Float64Array[] = [];
  for (let column = 0; column < size; column++) {
    const vector = Float64Array.from({length: size}, (_, i) => rows[i][column]);
    for (let pass = 0; pass < 2; pass++) {
      for (const earlier of basis) addScaled(vector, earlier, -dot(vector, earlier));
    }
    const length = Math.sqrt(dot(vector, vector));
    basis.push(vector.map(value => value / length));
  }
  return basis;
}

/** Blocks of orthogonal rows under one another, cut to one row for each of `lengths`, which they are scaled to. */
export function orthogonalFeatures(blocks: readonly ArrayLike<number>[][], lengths: ArrayLike<number>): Float64Array[] {
  const rows = blocks.flatMap(orthonormalRows);
  return Array.from(lengths, (length, i) => rows[i].map(value => value * length));
}

export const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

function addScaled(target: Float64Array, x: Float64Array, factor: number): void {
  for (let i = 0; i < target.length; i++) target[i] += factor * x[i];
}
