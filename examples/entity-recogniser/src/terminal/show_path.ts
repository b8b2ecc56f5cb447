import {homedir} from 'node:os';
import {relative, resolve} from 'node:path';

/** npm runs scripts in the package's own directory; paths are meant from where the user stands. */
const here = process.env.INIT_CWD ?? process.cwd();

/** A path that the user wrote, as an absolute one. */
export const absolutePath = (text: string): string => resolve(here, text.replace(/^~(?=$|\/)/, homedir()));

/** A path as the user would write it. */
export function showPath(absolute: string): string {
  const short = relative(here, absolute) || '.';
  return short.startsWith('..') ? absolute : short;
}
