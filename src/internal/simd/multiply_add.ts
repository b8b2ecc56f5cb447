/** (func (param v128) (result v128) (f32x4.relaxed_madd (local.get 0) (local.get 0) (local.get 0))) */
const PROBE = new Uint8Array([
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 123, 1, 123, 3, 2, 1, 0],
  ...[10, 13, 1, 11, 0, 32, 0, 32, 0, 32, 0, 253, 133, 2, 11],
]);

/** Whether the engine multiplies and adds in one instruction, as relaxed SIMD lets it. */
export const multipliesAndAdds = (): boolean => WebAssembly.validate(PROBE);

/** f32x4.mul, local.get of any one of 128, f32x4.add. */
const APART = [0xfd, 0xe6, 0x01, 0x20, undefined, 0xfd, 0xe4, 0x01];
/** The same as f32x4.relaxed_madd, which is as long as the sum, with nothing instead of the product. */
const NOTHING = [0x01, 0x01, 0x01];
const MULTIPLY_ADD = [0xfd, 0x85, 0x02];

/**
 * The second build of a module, made of the first: each product whose sum with a variable is taken at once becomes one
 * instruction with it. It rounds once where there were two roundings.
 *
 * @returns How many there were.
 */
export function multiplyAndAdd(module: Uint8Array): number {
  let count = 0;
  for (let at = 0; at + APART.length <= module.length; at++) {
    if (module[at + 4] > 127 || !APART.every((byte, i) => byte === undefined || module[at + i] === byte)) continue;
    module.set(NOTHING, at);
    module.set(MULTIPLY_ADD, at + APART.length - MULTIPLY_ADD.length);
    count++;
  }
  return count;
}
