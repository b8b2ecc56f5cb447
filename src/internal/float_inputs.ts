import type {Inputs} from './kernels.js';

/** Why a kernel of floats cannot take these inputs, in words; `undefined` when it can. */
export function whyNotFloats(inputs: Inputs): string | undefined {
  const given = Object.values(inputs).filter(x => x !== undefined);
  if (given.some(({size}) => size === 0)) return 'an empty tensor';
  return given.every(({dtype}) => dtype === 'float32') ? undefined : 'inputs other than float32';
}
