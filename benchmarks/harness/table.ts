import type {PassResult, Result} from '../benchmark.js';

const WIDTHS = [9, 9, 9, 9, 8, 8, 12, 12, 16];
const HEADS = ['pass', 'ours ms', 'stock ms', 'torch ms', '/stock', '/torch', 'launches', 'native ops', 'peak MB'];

const line = (cells: string[]): string =>
  `  ${cells.map((cell, i) => (i === 0 ? cell.padEnd(WIDTHS[i]) : cell.padStart(WIDTHS[i]))).join('')}`;

export function table(name: string, {title, passes}: Result): string {
  const rows = Object.entries(passes).map(([pass, result]) => line([pass, ...cells(result)]));
  return [`${name}: ${title}`, line(HEADS), ...rows, ...bfloat16(passes)].join('\n');
}

/** What PyTorch takes with bfloat16, where that was measured: ours has float32. */
function bfloat16(passes: Result['passes']): string[] {
  return Object.entries(passes).flatMap(
    ([
      pass,
      {
        milliseconds: {ours, torchBfloat16},
      },
    ]) =>
      torchBfloat16 === undefined
        ? []
        : `  ${pass}: torch bfloat16 ${torchBfloat16.toFixed(3)} ms, ours / it ${(ours / torchBfloat16).toFixed(2)}`,
  );
}

/** `ours / stock` where there are two numbers. */
function cells({milliseconds, oursOverStock, oursOverTorch, launches, nativeOps, peakBytes}: PassResult): string[] {
  const {ours, stock, torch} = milliseconds;
  return [
    ours.toFixed(2),
    stock.toFixed(2),
    torch?.toFixed(2) ?? '–',
    oursOverStock.toFixed(2),
    oursOverTorch?.toFixed(2) ?? '–',
    `${launches.ours} / ${launches.stock}`,
    nativeOps === undefined ? '–' : `${nativeOps.ours} / ${nativeOps.stock}`,
    `${(peakBytes.ours / 1e6).toFixed(1)} / ${(peakBytes.stock / 1e6).toFixed(1)}`,
  ];
}
