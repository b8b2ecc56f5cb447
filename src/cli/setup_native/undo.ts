/// <reference types="node" />
import {existsSync, renameSync, rmSync} from 'node:fs';
import {join} from 'node:path';

/** What a build replaces in the folder of tfjs-node. */
const REPLACED = ['deps', 'lib', 'build-tmp-napi-v8', 'build'];
const BEFORE = '.before-setup-native';

/** Runs `build` on a package without its previous build, which comes back when `build` fails or is interrupted. */
export function orUndo<T>(packageFolder: string, build: () => T): T {
  const places = REPLACED.map(name => join(packageFolder, name));
  for (const place of places) if (existsSync(place + BEFORE)) restore(place); // of a run that was killed
  for (const place of places) if (existsSync(place)) renameSync(place, place + BEFORE);
  const undo = () => {
    for (const place of places) restore(place);
  };
  const interrupted = () => {
    undo();
    process.exit(130);
  };
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  try {
    const result = build();
    for (const place of places) rmSync(place + BEFORE, {recursive: true, force: true});
    return result;
  } catch (error) {
    undo();
    throw error;
  } finally {
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
  }
}

function restore(place: string): void {
  rmSync(place, {recursive: true, force: true});
  if (existsSync(place + BEFORE)) renameSync(place + BEFORE, place);
}
