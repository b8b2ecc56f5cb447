import {existsSync, mkdirSync, renameSync, rmSync} from 'node:fs';

/**
 * Fills a new directory and puts it in the place of `directory`, so that a stop on the way leaves the old one whole.
 */
export async function replaceDirectory(directory: string, fill: (directory: string) => Promise<void>): Promise<void> {
  const [fresh, old] = [`${directory}.new`, `${directory}.old`];
  for (const leftover of [fresh, old]) rmSync(leftover, {recursive: true, force: true});
  mkdirSync(fresh, {recursive: true});
  await fill(fresh);
  if (existsSync(directory)) renameSync(directory, old);
  renameSync(fresh, directory);
  rmSync(old, {recursive: true, force: true});
}
