/**
 * Sums and maxima of the rows of `[R, C]`, and tensors of that shape, by GLSL that computes each element where it is
 * needed, so that nothing of the size of the rows exists but a result that is.
 */
import * as tf from '@tensorflow/tfjs-core';

/** Elements that one invocation of a reduction goes over. */
const STRIDE = 64;

interface Program {
  variableNames: string[];
  outputShape: number[];
  userCode: string;
  customUniforms: {name: string; type: 'float'}[];
}

interface WebglBackend {
  compileAndRun(program: Program, inputs: tf.TensorInfo[], dtype: tf.DataType, uniforms: number[][]): tf.TensorInfo;
}

/**
 * GLSL expressions of `row` and `column`. A tensor `x` is read by `getX(row, column)`, or `getX(row)` if it is `[R]`.
 */
export class WebglRows {
  private readonly inputs: Record<string, tf.TensorInfo>;

  /**
   * @param shape `[R, C]`.
   * @param inputs By names that begin with a small letter.
   * @param settings Uniforms of type float.
   * @param functions GLSL that the expressions may call.
   */
  constructor(
    private readonly backend: tf.KernelBackend,
    private readonly shape: number[],
    inputs: Record<string, tf.TensorInfo>,
    private readonly settings: Record<string, number>,
    private readonly functions: string,
  ) {
    this.inputs = {...inputs};
  }

  /** Σ of `term` over the columns, `[R]`. */
  sum(term: string): tf.Tensor1D {
    return tf.sum(
      this.reduce(term, '0.0', (a, b) => `${a} + ${b}`),
      1,
    );
  }

  /** The largest `term` of the columns, `[R]`; at least −1e20. */
  max(term: string): tf.Tensor1D {
    return tf.max(
      this.reduce(term, '-1e20', (a, b) => `max(${a}, ${b})`),
      1,
    );
  }

  /** Makes `x` an input of what comes after. */
  add(name: string, x: tf.TensorInfo): this {
    this.inputs[name] = x;
    return this;
  }

  /** `value` at each place, `[R, C]`. */
  elements(value: string): tf.Tensor2D {
    return this.run(
      this.shape,
      `
      ivec2 place = getOutputCoords();
      int row = place[0];
      int column = place[1];
      setOutput(${value});`,
    );
  }

  /** `[R, C / 64]` */
  private reduce(term: string, start: string, join: (a: string, b: string) => string): tf.Tensor2D {
    const [rows, columns] = this.shape;
    return this.run(
      [rows, Math.ceil(columns / STRIDE)],
      `
      ivec2 place = getOutputCoords();
      int row = place[0];
      float joined = ${start};
      for (int i = 0; i < ${STRIDE}; i++) {
        int column = place[1] * ${STRIDE} + i;
        if (column < ${columns}) {
          float term = ${term};
          joined = ${join('joined', 'term')};
        }
      }
      setOutput(joined);`,
    );
  }

  private run(outputShape: number[], main: string): tf.Tensor2D {
    const settings = Object.entries(this.settings);
    const program: Program = {
      variableNames: Object.keys(this.inputs).map(name => name[0].toUpperCase() + name.slice(1)),
      outputShape,
      userCode: `${this.functions}\nvoid main() {${main}\n}`,
      customUniforms: settings.map(([name]) => ({name, type: 'float'})),
    };
    const uniforms = settings.map(([, value]) => [value]);
    const webgl = this.backend as unknown as WebglBackend;
    const info = webgl.compileAndRun(program, Object.values(this.inputs), 'float32', uniforms);
    return tf.engine().makeTensorFromTensorInfo(info) as tf.Tensor2D;
  }
}
