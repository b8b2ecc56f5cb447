/// <reference types="node" />
import {check} from '../internal/check.js';

interface BuiltinModules {
  'node:crypto': typeof import('node:crypto');
  'node:fs/promises': typeof import('node:fs/promises');
  'node:path': typeof import('node:path');
}

/**
 * A module of Node, found at run time: bundlers for browsers refuse files that import `node:…` by name, and
 * `saveModel`, which they do bundle, may be asked for `file://`.
 */
export async function builtinModule<Id extends keyof BuiltinModules>(
  id: Id,
  where: string,
): Promise<BuiltinModules[Id]> {
  const {process} = globalThis;
  check(typeof process?.versions?.node === 'string', where, 'Node', 'another platform');
  const found: unknown =
    process.getBuiltinModule?.(id) ?? (await import(/* webpackIgnore: true */ /* @vite-ignore */ id)); // before Node 20.16
  return found as BuiltinModules[Id];
}
