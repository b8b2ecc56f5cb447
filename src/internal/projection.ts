import type * as tf from '@tensorflow/tfjs-core';
import type {LayerVariable, layers} from '@tensorflow/tfjs-layers';

import {
  type Initializer,
  type InitializerIdentifier,
  type Regularizer,
  type RegularizerIdentifier,
  resolveInitializer,
  resolveRegularizer,
  serialize,
} from './serialization.js';

/** Arguments of every layer that has dense projections. */
export interface ProjectionArgs {
  /** Whether the projections add a bias. Defaults to true. */
  useBias?: boolean;
  /** Initializer of the kernels, by name, config or instance. */
  kernelInitializer?: InitializerIdentifier;
  /** Initializer of the biases. Defaults to `'zeros'`. */
  biasInitializer?: InitializerIdentifier;
  /** Penalty on the kernels. Defaults to none. */
  kernelRegularizer?: RegularizerIdentifier | null;
  /** Penalty on the biases. Defaults to none. */
  biasRegularizer?: RegularizerIdentifier | null;
}

export type AddWeight = layers.Layer['addWeight'];

/** Kernel `[in, out]` and bias `[out]` of one dense projection. */
export class Projection {
  constructor(
    private readonly kernelWeight: LayerVariable,
    private readonly biasWeight: LayerVariable | undefined,
  ) {}

  get kernel(): tf.Tensor2D {
    return this.kernelWeight.read() as tf.Tensor2D;
  }

  get bias(): tf.Tensor1D | undefined {
    return this.biasWeight?.read() as tf.Tensor1D | undefined;
  }
}

/** The checked projection arguments of a layer: makes its weights and writes its config. */
export class ProjectionSettings {
  readonly useBias: boolean;
  private readonly kernelInitializer: Initializer;
  private readonly biasInitializer: Initializer;
  private readonly kernelRegularizer?: Regularizer;
  private readonly biasRegularizer?: Regularizer;

  constructor(args: ProjectionArgs, defaultInitializer: string, where: string) {
    const {useBias = true, kernelInitializer = defaultInitializer, biasInitializer = 'zeros'} = args;
    this.useBias = useBias;
    this.kernelInitializer = resolveInitializer(kernelInitializer, where);
    this.biasInitializer = resolveInitializer(biasInitializer, where);
    this.kernelRegularizer = resolveRegularizer(args.kernelRegularizer, where);
    this.biasRegularizer = resolveRegularizer(args.biasRegularizer, where);
  }

  /** Weights `<name>/kernel` and, with a bias, `<name>/bias`. `addWeight` is bound to the layer. */
  add(addWeight: AddWeight, name: string, inputSize: number, outputSize: number): Projection {
    const kernel = addWeight(
      `${name}/kernel`,
      [inputSize, outputSize],
      'float32',
      this.kernelInitializer,
      this.kernelRegularizer,
    );
    if (!this.useBias) return new Projection(kernel, undefined);
    const bias = addWeight(`${name}/bias`, [outputSize], 'float32', this.biasInitializer, this.biasRegularizer);
    return new Projection(kernel, bias);
  }

  getConfig(): tf.serialization.ConfigDict {
    return {
      useBias: this.useBias,
      kernelInitializer: serialize(this.kernelInitializer) as never,
      biasInitializer: serialize(this.biasInitializer) as never,
      kernelRegularizer: serialize(this.kernelRegularizer) as never,
      biasRegularizer: serialize(this.biasRegularizer) as never,
    };
  }
}
