/** One loop over the channel pairs: reads x and the tables once, writes once. Composed ops make ten passes. */
import type {HostKernel} from '../../internal/host_kernels.js';
import type {RotaryAttrs, RotaryInputs} from './name.js';

export const rotaryOnHost: HostKernel<RotaryInputs, RotaryAttrs> = {
  outputShapes: ({x}) => [x.shape],
  compute: ({x, cos, sin}, [out], {layout}, shapes) => {
    const [length, channels] = shapes.x.slice(-2);
    const pairs = channels / 2;
    const [step, apart] = layout === 'half' ? [1, pairs] : [2, 1];
    const rows = x.length / channels;
    const rowsOfTable = cos.length / pairs;
    const rowsOfSample = rowsOfTable === length ? rows : rows / shapes.x[0];
    for (let row = 0; row < rows; row++) {
      const tableRow = Math.floor(row / rowsOfSample) * length + (row % length);
      for (let t = 0, at = row * channels, table = tableRow * pairs; t < pairs; t++, at += step, table++) {
        const [a, b, c, s] = [x[at], x[at + apart], cos[table], sin[table]];
        out[at] = a * c - b * s;
        out[at + apart] = b * c + a * s;
      }
    }
  },
};
