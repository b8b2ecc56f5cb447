/** Stands for the package `webgpu`: the addon lies beside the folder of the bundle. */
import {createRequire} from 'node:module';

const {create: createDawn, globals} = createRequire(import.meta.url)('../dawn.node');

/** With `DAWN_OPTIONS`, separated by blanks, in front of the options of the caller. */
export const create = options =>
  createDawn([...(process.env.DAWN_OPTIONS ?? '').split(' ').filter(Boolean), ...options]);
export {globals};
