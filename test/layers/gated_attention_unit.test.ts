import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import {report} from '../../src/kernels.js';
import {
  type GatedAttentionUnitArgs,
  gatedAttentionUnit,
  gauAlphaSettings,
  rmsNormalization,
} from '../../src/layers/index.js';
import {ROTARY_EMBEDDING} from '../../src/ops/rotary_embedding/name.js';
import {SCALED_DOT_PRODUCT_ATTENTION} from '../../src/ops/scaled_dot_product_attention/name.js';
import {testOn} from '../support/backend.js';
import {expectClose, normal} from '../support/expect.js';
import {expectFusedIsComposed} from '../support/fused.js';
import {expectGoldenLayer, type GoldenAttention, loadAttention, tensorsOf} from '../support/golden_layer.js';

/** Arguments of this package from a bert4keras config. */
const argsOf = ({config, inputs}: GoldenAttention): GatedAttentionUnitArgs => ({
  units: config.units as number,
  keySize: config.key_size as number,
  useBias: config.use_bias !== false,
  normalization: config.normalization === 'softmax_plus' ? 'softmaxPlus' : 'squaredRelu',
  minLength: (config.softmax_plus_min_length as number) ?? 16,
  selfAttention: config.self_attention as boolean,
  pBias: config.rope ? 'rotary' : null,
  aBias: 'a_bias' in inputs,
});

describe('GatedAttentionUnit', () => {
  test.each(['gau_b4k_relu2_default', 'gau_b4k_relu2_causal_rope_mask', 'gau_b4k_softmaxplus_rope_mask'])(
    'equals bert4keras, %s',
    async name => {
      const golden = await loadAttention(name);
      const {x, mask, a_bias: bias} = tensorsOf(golden.inputs);
      const layer = gatedAttentionUnit(argsOf(golden));
      await expectGoldenLayer(
        golden,
        layer,
        {x},
        ({x}) => layer.apply(bias === undefined ? x : [x, bias], {mask}) as tf.Tensor,
      );
    },
  );

  test('causal: true equals a boolean causal bias', async () => {
    const golden = await loadAttention('gau_b4k_relu2_causal_rope_mask');
    const {x, mask} = tensorsOf(golden.inputs);
    const layer = gatedAttentionUnit({...argsOf(golden), aBias: false, causal: true});
    await expectGoldenLayer(golden, layer, {x}, ({x}) => layer.apply(x, {mask}) as tf.Tensor);
  });

  testOn('webgpu').each([true, false])('rotates on load, self form %s, with position ids too', async selfAttention => {
    const args = {units: 6, keySize: 4, pBias: 'rotary', ropeLayout: 'half', selfAttention} as const;
    const x = normal([2, 5, 8], 1);
    const reason = () => report().find(({op}) => op === ROTARY_EMBEDDING)!.reason;
    const layer = gatedAttentionUnit(args);
    const run = (x: tf.Tensor) => layer.apply(selfAttention ? x : [x, x, x]) as tf.Tensor;
    await expectFusedIsComposed(SCALED_DOT_PRODUCT_ATTENTION, () => run(x));
    const {kernelNames} = await tf.profile(() => tf.grad(run)(x));
    expect(kernelNames).not.toContain(ROTARY_EMBEDDING);
    expect(reason()).toMatch('as it loads them');
    if (!selfAttention) return;
    const ids = tf.tensor2d([0, 1, 2, 3, 4, 4, 3, 2, 1, 0], [2, 5], 'int32');
    const placed = gatedAttentionUnit({...args, positionIds: true});
    await expectFusedIsComposed(SCALED_DOT_PRODUCT_ATTENTION, () => placed.apply([x, ids]) as tf.Tensor);
    const profile = await tf.profile(() => tf.grad((x: tf.Tensor) => placed.apply([x, ids]) as tf.Tensor)(x));
    expect(profile.kernelNames).not.toContain(ROTARY_EMBEDDING);
  });

  test('cross form equals bert4keras', async () => {
    const golden = await loadAttention('gau_b4k_cross_nomask');
    const {q, k, v} = tensorsOf(golden.inputs);
    const layer = gatedAttentionUnit(argsOf(golden));
    await expectGoldenLayer(golden, layer, {q, k, v}, ({q, k, v}) => layer.apply([q, k, v]) as tf.Tensor);
  });

  test.each(['gau_alpha_block_pub', 'gau_alpha_torch_noclamp'])('equals the GAU-α block, %s', async name => {
    const golden = await loadAttention(name);
    const {x, mask} = tensorsOf(golden.inputs);
    const release = name === 'gau_alpha_torch_noclamp' ? '2022' : 'current';
    const {units, keySize} = argsOf(golden);
    const {attention, normalization} = gauAlphaSettings({units, keySize, release});
    const layer = gatedAttentionUnit(attention);
    const norm = rmsNormalization(normalization);
    await expectGoldenLayer(
      golden,
      layer,
      {x},
      ({x}) => norm.apply(tf.add(x, layer.apply(x, {mask}) as tf.Tensor)) as tf.Tensor,
    );
  });

  test('a seeded run repeats, and two steps differ', async () => {
    const x = normal([1, 5, 4], 3);
    const make = () => {
      const layer = gatedAttentionUnit({
        units: 6,
        keySize: 4,
        attentionDropout: 0.5,
        normalization: 'softmax',
        seed: 11,
        kernelInitializer: {className: 'GlorotUniform', config: {seed: 5}},
      });
      return [0, 1].map(() => layer.apply(x, {training: true}) as tf.Tensor);
    };
    const [first, second] = make();
    const [again] = make();
    await expectClose(again, first);
    expect((await tf.max(tf.abs(tf.sub(first, second))).data())[0]).toBeGreaterThan(1e-3);
  });

  test('says what it expected', () => {
    expect(() => gatedAttentionUnit({units: 4, keySize: 3, pBias: 'rotary'})).toThrow(
      "GatedAttentionUnit: expected an even keySize with pBias 'rotary', received 3.",
    );
    expect(() => gatedAttentionUnit({units: 4, keySize: 4, aBias: true}).apply(tf.zeros([1, 2, 3]))).toThrow(
      'GatedAttentionUnit: expected 2 inputs (x, attentionBias), received 1.',
    );
  });
});
