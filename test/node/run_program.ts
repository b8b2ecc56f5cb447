import {execFile} from 'node:child_process';
import {join} from 'node:path';
import {promisify} from 'node:util';

/** Runs a TypeScript program in a Node process of its own and returns what it printed. */
export async function runProgram(file: string, args: string[] = [], env: Record<string, string> = {}): Promise<Output> {
  const program = join(process.cwd(), 'test/node/programs', file);
  const options = {env: {...process.env, NODE_OPTIONS: '', ...env}};
  return promisify(execFile)(process.execPath, ['--import', 'tsx', program, ...args], options);
}

export interface Output {
  stdout: string;
  stderr: string;
}
