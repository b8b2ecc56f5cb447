/// <reference types="node" />
import {check} from '../internal/check.js';

interface BuiltinModules {
  'node:crypto': typeof import('node:crypto');
  'node:fs/promises': typeof import('node:fs/promises');
  'node:path': typeof import('node:path');
  'node:util': typeof import('node:util');
}

/**
 * A module of Node, found at run time: bundlers for browsers refuse files that import `node:…`, and `saveModel`,
 * which they do bundle, may be asked for `file://`.
 */
export function builtinModule<Id extends keyof BuiltinModules>(id: Id, where: string): BuiltinModules[Id] {
  const find = globalThis.process?.getBuiltinModule;
  check(typeof find === 'function', where, 'Node 20.16 or later', globalThis.process?.version ?? 'another platform');
  return find(id) as BuiltinModules[Id];
}
