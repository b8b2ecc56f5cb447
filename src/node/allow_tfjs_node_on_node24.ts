/// <reference types="node" />
/**
 * Lets `@tensorflow/tfjs-node` 4.22 run on Node 23 and later, where every op fails with "isNullOrUndefined is not a
 * function": it calls two functions of `node:util` that are gone there. Call it before importing tfjs-node.
 *
 * ```ts no-run
 * import {allowTfjsNodeOnNode24} from 'tfjs-addons/node';
 *
 * allowTfjsNodeOnNode24();
 * await import('@tensorflow/tfjs-node');
 * ```
 */
export function allowTfjsNodeOnNode24(): void {
  const util = globalThis.process?.getBuiltinModule?.('node:util') as unknown as Record<string, unknown> | undefined;
  if (util === undefined) return; // a Node before 20.16 has both
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}
