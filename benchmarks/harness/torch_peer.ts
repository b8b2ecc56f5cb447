import {type ChildProcessWithoutNullStreams, spawn} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';

import type * as tf from '@tensorflow/tfjs';

import type {Pass} from '../benchmark.js';

interface Answer {
  version?: string;
  milliseconds?: number[];
  files?: string[];
  error?: string;
}

/** A device and a number type of PyTorch. */
export type TorchDevice = 'cpu' | 'cuda';
export type TorchDtype = 'float32' | 'bfloat16';

/** PyTorch in a process of its own, spoken to by one line of JSON each way. */
export class TorchPeer {
  private readonly folder = mkdtempSync(join(tmpdir(), 'tfjs-addons-bench-'));
  private readonly lines: AsyncIterator<string>;
  version = '';

  private constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    readonly device: TorchDevice,
  ) {
    this.lines = createInterface({input: child.stdout})[Symbol.asyncIterator]();
  }

  /** `undefined` where `python3 -c "import torch"` fails. */
  static async start(script: string, threads: number, device: TorchDevice): Promise<TorchPeer | undefined> {
    const python = process.env.PYTHON ?? 'python3';
    const child = spawn(python, ['-u', script, String(threads), device], {stdio: ['pipe', 'pipe', 'ignore'] as never});
    child.on('error', () => {}); // no Python: the answer below never comes
    child.stdin.on('error', () => {});
    const peer = new TorchPeer(child, device);
    const hello = await peer.answer();
    if (hello?.version === undefined) {
      peer.stop();
      return undefined;
    }
    peer.version = hello.version;
    return peer;
  }

  /** Hands over inputs and cotangent; returns the output and the gradients that PyTorch finds. */
  async prepare(name: string, inputs: Record<string, tf.Tensor>, dy: tf.Tensor): Promise<Float32Array[]> {
    const write = async (file: string, tensor: tf.Tensor) => {
      const path = join(this.folder, file);
      writeFileSync(path, new Uint8Array((await tensor.data()).slice().buffer));
      return {file: path, shape: tensor.shape};
    };
    const entries = Object.entries(inputs);
    const files = await Promise.all(entries.map(([input, tensor]) => write(input, tensor)));
    const answer = await this.ask({
      task: 'prepare',
      case: name,
      folder: this.folder,
      inputs: Object.fromEntries(entries.map(([input], i) => [input, files[i]])),
      cotangent: await write('cotangent', dy),
    });
    return answer.files!.map(file => new Float32Array(new Uint8Array(readFileSync(file)).buffer));
  }

  /** Milliseconds of each of `runs` runs. */
  async time(pass: Pass, runs: number, dtype: TorchDtype = 'float32'): Promise<number[]> {
    return (await this.ask({task: 'time', pass, runs, dtype})).milliseconds!;
  }

  stop(): void {
    this.child.kill();
    rmSync(this.folder, {recursive: true, force: true});
  }

  private async ask(question: object): Promise<Answer> {
    this.child.stdin.write(`${JSON.stringify(question)}\n`);
    const answer = await this.answer();
    if (answer === undefined || answer.error !== undefined) throw new Error(`PyTorch: ${answer?.error ?? 'ended'}`);
    return answer;
  }

  private async answer(): Promise<Answer | undefined> {
    const {value, done} = await this.lines.next();
    return done ? undefined : JSON.parse(value);
  }
}
