import * as tf from '@tensorflow/tfjs-core';
import {noteRun} from '../kernel_runs.js';
import {isFused} from '../kernels.js';
import {mayHold} from '../recomputed.js';
import {isTaping} from '../taping.js';
import {checkCallsBeforeGraph} from './check_calls.js';
import {type NodeBackend, nodeBackend} from './native.js';
import {isRecording} from './recording.js';
import {canLoad, Session, sessionsInUse} from './session.js';
import {NoGraph, traceForward, traceTraining} from './trace.js';

type Optional = tf.Tensor | undefined;

interface CallOptions {
  /** What else tells kinds of calls apart. */
  variant?: string;
  /** Why the ops of this call have to run one by one, in words. */
  unless?: string;
}

/** What is kept of one kind of calls, which agree in all that the graph depends on. */
interface Kind {
  calls: number;
  /** When it ran last, in calls of all kinds. */
  last: number;
  /** The graphs, or why there are none. */
  prepared?: Prepared | NoGraph;
}

interface Prepared {
  /** How many results the computation has; its forward pass ends with them and what is held. */
  results: number;
  /** Forward, and in training backward. */
  sessions: Session[];
}

const KERNEL = 'TensorflowGraph';

/** Each takes one to two megabytes of TensorFlow's; further kinds of calls run op by op */
const MOST_SESSIONS = 128;

/** unless others have not run for so many calls, of all kinds: those go. */
const CALLS_TO_IDLE = 2000;

const MOST_KINDS = 4096;

const FULL = new NoGraph(`there are ${MOST_SESSIONS} graphs in use`);

/** By then they have lost about what a graph costs: two runs op by op, and some ten milliseconds. */
let callsBefore = 16;

/**
 * How many calls of one kind, of one layer with inputs of the same shapes, run op by op on `tensorflow` before they get
 * a graph; 16 unless set. `Infinity` does without graphs and gives back those there are.
 *
 * A graph is made from a run op by op and takes some milliseconds, after which a call is one op of TensorFlow's. It
 * writes four lines to the console each time, unless `TF_CPP_MIN_LOG_LEVEL` is 1 or more when tfjs-node is loaded.
 *
 * @throws RangeError for a negative number.
 *
 * ```ts
 * tfa.kernels.setCallsBeforeGraph(0);
 * ```
 */
export function setCallsBeforeGraph(calls: number): void {
  checkCallsBeforeGraph(calls);
  callsBefore = calls;
  if (calls === Number.POSITIVE_INFINITY) forgetGraphs();
}

/** In the order of their last use. */
const kinds = new Map<string, Kind>();
let owners = 0;
let calls = 0;

/**
 * The calls of one layer or op, which on `tensorflow` run as one graph each, forward and backward, after a few that ran
 * op by op: a session of TensorFlow's fuses ops, reuses memory and needs no way to and fro for each.
 *
 * `compute` must depend on nothing but its tensors, their shapes and `variant`: no counters, no settings that change.
 */
export class GraphedCalls {
  private readonly owner = owners++;

  constructor(private readonly name: string) {}

  /** @param tensors All that `compute` reads; it is differentiated for those of type float32. */
  run(tensors: readonly Optional[], compute: () => tf.Tensor[], {variant = '', unless}: CallOptions = {}): tf.Tensor[] {
    const backend = nodeBackend();
    if (backend === undefined || isRecording() || !isFused()) return compute();
    const training = isTaping();
    const reason = unless ?? whyNone(backend, training);
    if (reason !== undefined) return this.oneByOne(reason, compute);
    const kind = kindOf(`${this.owner}|${training}|${variant}|${signature(tensors)}`);
    if (kind.calls++ < callsBefore) return this.oneByOne(`not before call ${callsBefore + 1} of this kind`, compute);
    const distinct = [...new Set(tensors.filter(isTensor))];
    const inputs = distinct.filter(isDifferentiable);
    const constants = distinct.filter(tensor => !isDifferentiable(tensor));
    if (kind.prepared === undefined && hasRoom()) {
      kind.prepared = prepare(backend, inputs, constants, compute, training);
    }
    const prepared = kind.prepared ?? FULL;
    if (prepared instanceof NoGraph) return this.oneByOne(prepared.reason, compute);
    const ops = prepared.sessions.map(({ops}) => ops).join(' and ');
    this.report('fused', `a TensorFlow graph of ${ops} ops`);
    if (training) return onTape(prepared, inputs, constants);
    return runSession(prepared.sessions[0], [...inputs, ...constants]);
  }

  private oneByOne(reason: string, compute: () => tf.Tensor[]): tf.Tensor[] {
    this.report('composed', `no TensorFlow graph: ${reason}`);
    return compute();
  }

  private report(path: 'fused' | 'composed', reason: string): void {
    noteRun({op: this.name, backend: 'tensorflow', path, reason});
  }
}

/** What speaks against a graph of any call now. */
function whyNone(backend: NodeBackend, training: boolean): string | undefined {
  if (backend.isUsingGpuDevice) return 'a session would bring its results back from the GPU';
  if (!canLoad()) return 'it takes Node 20.16, 22.3 or later';
  if (training && tf.engine().state.gradientDepth > 1) return 'the gradient is to be differentiated';
  return training && !mayHold() ? 'the environment of tfjs is that of its own tests' : undefined;
}

/** The shapes of these tensors, and which are the same or share their numbers. */
function signature(tensors: readonly Optional[]): string {
  const numbers = tensors.map(tensor => tensor?.dataId);
  return tensors
    .map((tensor, i) => {
      if (tensor === undefined) return '-';
      return `${tensor.dtype}${tensor.shape}@${tensors.indexOf(tensor)},${numbers.indexOf(numbers[i])}`;
    })
    .join(';');
}

/** The kind of this key, which becomes the one that was used last. */
function kindOf(key: string): Kind {
  const kind = kinds.get(key) ?? {calls: 0, last: 0};
  kind.last = calls++;
  kinds.delete(key);
  kinds.set(key, kind);
  if (kinds.size > MOST_KINDS) forget(kinds.keys().next().value!);
  return kind;
}

/** Whether there may be one graph more, once those that have not run for long are gone. */
function hasRoom(): boolean {
  for (const [key, {last}] of kinds) {
    if (sessionsInUse() < MOST_SESSIONS || calls - last <= CALLS_TO_IDLE) break;
    forget(key);
  }
  return sessionsInUse() < MOST_SESSIONS;
}

/** Gives back all graphs; calls begin to count anew. */
export function forgetGraphs(): void {
  for (const key of [...kinds.keys()]) forget(key);
}

function forget(key: string): void {
  const {prepared} = kinds.get(key)!;
  kinds.delete(key);
  if (prepared === undefined || prepared instanceof NoGraph) return;
  for (const session of prepared.sessions) session.dispose();
}

function prepare(
  backend: NodeBackend,
  inputs: tf.Tensor[],
  constants: tf.Tensor[],
  compute: () => tf.Tensor[],
  training: boolean,
): Prepared | NoGraph {
  const traced = training
    ? traceTraining(backend, inputs, constants, compute)
    : traceForward(backend, [...inputs, ...constants], compute);
  if (traced instanceof NoGraph) return traced;
  try {
    const {results, graphs} = traced;
    return {results, sessions: graphs.map(graph => new Session(backend, graph))};
  } catch (error) {
    return new NoGraph(`TensorFlow does not take it: ${error}`);
  }
}

/** The forward pass on the tape, with the backward pass as its gradient. */
function onTape({results, sessions}: Prepared, inputs: tf.Tensor[], constants: tf.Tensor[]): tf.Tensor[] {
  const given = [...inputs, ...constants];
  const [forward, backward] = sessions;
  const call: CustomGradient = {
    inputs: named(inputs),
    forwardFunc: (_, save) => {
      const all = runSession(forward, given);
      save([...given, ...all.slice(results)]);
      return all.slice(0, results);
    },
    backwardsFunc: (slopes, saved) => {
      const [before, held] = [saved.slice(0, given.length), saved.slice(given.length)];
      const gradients = runSession(backward, [...before, ...[slopes].flat(), ...held]);
      return named(gradients.map(gradient => () => gradient));
    },
  };
  return (tf.engine() as unknown as {runKernelFunc(call: CustomGradient): tf.Tensor[]}).runKernelFunc(call);
}

/** `tf.customGrad` with several results. */
interface CustomGradient {
  inputs: Record<string, tf.Tensor>;
  forwardFunc(backend: unknown, save: (tensors: tf.Tensor[]) => void): tf.Tensor[];
  backwardsFunc(slopes: tf.Tensor | tf.Tensor[], saved: tf.Tensor[]): Record<string, () => tf.Tensor>;
}

function runSession(session: Session, inputs: readonly tf.Tensor[]): tf.Tensor[] {
  if (tf.getKernel(KERNEL, 'tensorflow') === undefined) {
    const kernelFunc: tf.KernelFunc = ({inputs, attrs}) =>
      (attrs as unknown as {session: Session}).session.run(Object.values(inputs) as tf.Tensor[]);
    tf.registerKernel({kernelName: KERNEL, backendName: 'tensorflow', kernelFunc});
  }
  return tf.engine().runKernel(KERNEL, named(inputs), {session} as never) as unknown as tf.Tensor[];
}

/** tfjs names the inputs of an op. */
const named = <T>(values: readonly T[]): Record<string, T> => Object.fromEntries(values.entries());

const isDifferentiable = ({dtype}: tf.Tensor): boolean => dtype === 'float32';

const isTensor = (value: Optional): value is tf.Tensor => value !== undefined;
