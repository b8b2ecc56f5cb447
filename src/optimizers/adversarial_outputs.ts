import * as tf from '@tensorflow/tfjs-core';

import {check, checkRange} from '../internal/check.js';
import type {Gradients, Update} from '../internal/gradients.js';
import {withKnownOptions} from '../internal/known_options.js';
import {withChangedOutputs} from '../internal/layer_outputs.js';
import {type NamePattern, NamePatterns} from '../internal/optimizers/name_patterns.js';
import {repeatedPass} from '../internal/optimizers/perturbed.js';
import {addUpdates, disposeUpdates} from '../internal/optimizers/updates.js';
import {WrapperOptimizer} from '../internal/optimizers/wrapper.js';

export interface AdversarialOutputsArgs {
  /** Length ε > 0 of the move of each sample. Defaults to 0.1. */
  epsilon?: number;
  /** Whether ε is a share of the length of the sample's output, ‖y_b‖. Defaults to true. */
  relative?: boolean;
  /** Weight λ > 0 of the adversarial loss beside the clean one. Defaults to 1. */
  weight?: number;
  /** Whose outputs are moved: patterns of layer names. Defaults to `[/embedding/]`. */
  layers?: readonly NamePattern[];
}

/**
 * Adversarial training on the outputs of layers, each sample moved by itself.
 *
 *   L + λ L(y + δ),   δ_b = ε ‖y_b‖ g_b / ‖g_b‖,   g = ∂L/∂y;   without `relative`, δ_b = ε g_b / ‖g_b‖
 *
 * `adversarial` moves a whole table of embeddings, so that all samples of a batch share one move; here the moves of a
 * batch do not depend on each other. δ counts as a constant. Of several outputs, as of several layers, each is moved by
 * its own gradient in the same second pass. Dropout draws anew in it.
 *
 * Works under `fit` and `minimize`, which give it the loss; `applyGradients` passes gradients on as they are. A step
 * costs two. Loss and metrics are those of the clean pass. A gradient of 0 moves nothing.
 *
 * ```ts
 * const embedding = tf.layers.embedding({inputDim: 100, outputDim: 8, inputLength: 4, name: 'embedding'});
 * const model = tf.sequential({layers: [embedding, tf.layers.flatten(), tf.layers.dense({units: 1})]});
 * model.compile({optimizer: tfa.train.adversarialOutputs(tf.train.adam(1e-3)), loss: 'meanSquaredError'});
 * ```
 *
 * Reference: Miyato et al. 2017, arXiv:1605.07725, equations 5 to 7, where embeddings are normalised instead of ε.
 */
export class AdversarialOutputs extends WrapperOptimizer {
  static readonly className: string = 'AdversarialOutputs';

  private readonly args: Required<Omit<AdversarialOutputsArgs, 'layers'>>;
  private readonly chosen: NamePatterns;

  constructor(
    inner: tf.Optimizer,
    {epsilon = 0.1, relative = true, weight = 1, layers = [/embedding/]}: AdversarialOutputsArgs = {},
  ) {
    super(inner);
    checkRange(epsilon, 'AdversarialOutputs', 'epsilon', [0, Infinity], {low: true, high: true});
    checkRange(weight, 'AdversarialOutputs', 'weight', [0, Infinity], {low: true, high: true});
    this.args = {epsilon, relative, weight};
    this.chosen = new NamePatterns(layers, 'AdversarialOutputs', 'layers');
  }

  override gradientsOf(f: () => tf.Scalar, variables?: tf.Variable[]): Gradients {
    const isChosen = (name: string): boolean => this.chosen.matches(name);
    const moves = new Map<number, tf.Tensor>();
    let outputs = 0;
    const {value, updates: clean} = withProbe(variables, (probe, all) => {
      const watched = (y: tf.Tensor, i: number): tf.Tensor => {
        outputs++;
        return watchGradient(y, probe, gradient => moves.set(i, tf.keep(tf.tidy(() => this.move(y, gradient)))));
      };
      return this.core.gradientsOf(() => withChangedOutputs(isChosen, watched, f), all);
    });
    const patterns = this.chosen.toConfig().map(({name}) => name);
    const hint = 'Patterns are searched in layer.name.';
    check(outputs > 0, 'AdversarialOutputs', 'a layer in the loss that a pattern finds', patterns, hint);

    const moved = (y: tf.Tensor, i: number): tf.Tensor => (moves.has(i) ? tf.add(y, moves.get(i)!) : y);
    const again = (): tf.Scalar => withChangedOutputs(isChosen, moved, f);
    const {value: adversarialLoss, updates} = repeatedPass(g => this.core.gradientsOf(g, variables), again);
    const sum = addUpdates(clean, updates, this.args.weight);
    tf.dispose([adversarialLoss, ...moves.values()]);
    for (const list of [clean, updates]) disposeUpdates(list);
    return {value, updates: sum};
  }

  private move(y: tf.Tensor, gradient: tf.Tensor): tf.Tensor {
    const {epsilon, relative} = this.args;
    const lengths = (x: tf.Tensor): tf.Tensor => tf.sqrt(tf.sum(tf.square(x), [...x.shape.keys()].slice(1), true));
    const reach = relative ? tf.mul(lengths(y), epsilon) : epsilon;
    return tf.mul(gradient, tf.div(reach, tf.add(lengths(gradient), 1e-12)));
  }

  protected step(updates: readonly Update[]): void {
    this.core.update(updates);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {...super.getConfig(), ...this.args, layers: this.chosen.toConfig() as never};
  }
}

/**
 * The gradients of a loss that may contain `probe`, a variable of no effect: tfjs follows gradients back to variables
 * only, and in front of the watched output all may be frozen.
 */
function withProbe(
  variables: tf.Variable[] | undefined,
  compute: (probe: tf.Variable, variables?: tf.Variable[]) => Gradients,
): Gradients {
  const probe = tf.tidy(() => tf.variable(tf.scalar(0), true));
  try {
    const {value, updates} = compute(probe, variables && [...variables, probe]);
    const isProbe = ({variable}: Update): boolean => variable === probe;
    disposeUpdates(updates.filter(isProbe));
    return {value, updates: updates.filter(update => !isProbe(update))};
  } finally {
    probe.dispose();
  }
}

/** `y`, whose gradient is shown to `show` on its way back. */
function watchGradient(y: tf.Tensor, probe: tf.Variable, show: (gradient: tf.Tensor) => void): tf.Tensor {
  const identity = tf.customGrad(x => ({
    value: tf.clone(x as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => {
      show(dy);
      return [tf.clone(dy), tf.scalar(0)];
    },
  }));
  return identity(y, probe);
}

/** Makes an `AdversarialOutputs`. */
export const adversarialOutputs = (inner: tf.Optimizer, args?: AdversarialOutputsArgs): AdversarialOutputs =>
  withKnownOptions(new AdversarialOutputs(inner, args), args);

tf.serialization.registerClass(AdversarialOutputs);
