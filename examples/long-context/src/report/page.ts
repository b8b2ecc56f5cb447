import type {Experiment} from '../experiment.js';
import type {Result} from '../results.js';
import {learntTable, memoryTable, speedTable, type Table} from '../table.js';
import type {Charts} from './charts.js';

const STYLE = `
body{margin:0;background:#f6f7f9;color:#1c2430;font:16px/1.55 system-ui,sans-serif}
main{max-width:1080px;margin:0 auto;padding:40px 20px 64px}
section{background:#fff;border:1px solid #e3e7ec;border-radius:12px;padding:22px 24px;margin-top:20px}
h2{margin:0 0 6px;font-size:1.2rem}p{margin:.3em 0;color:#5b6675;max-width:56em}
.pair{display:flex;flex-wrap:wrap;gap:20px}.pair>section{flex:1 1 440px}
svg{max-width:100%;height:auto}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin-top:10px}
th,td{padding:5px 16px 5px 0;text-align:right;border-bottom:1px solid #e3e7ec}
th:first-child,td:first-child{text-align:left}`;

/** The report as one HTML file that needs nothing else. */
export function page(results: readonly Result[], charts: Charts, experiment: Experiment, text: string): string {
  const {budget, sizes, backend, costLengths, testLengths, testCharacters, patience} = experiment;
  const seen = (budget.steps * budget.batch * budget.length).toLocaleString('en');
  const isWhole = results.every(({costs}) => costs.length === costLengths.length);
  const costs =
    costLengths.length === 0
      ? ''
      : `<div class="pair">
${section('Speed of training', 'One step on one window of so many characters; on wasm and cpu by the time of the processor.', charts.speed)}
${section('Peak memory of training', 'Largest sum of the bytes of all tensors in that step, as tf.profile sees it.', charts.memory)}
</div>
<section>${html(speedTable(results, costLengths))}${html(memoryTable(results, costLengths))}
${isWhole ? '' : `<p>– ran out of memory, or took more than ${patience} s.</p>`}</section>`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>Long contexts</title>
<style>${STYLE}</style>
<main>
<h1>Long contexts</h1>
<p>Causal language models of characters that differ in their attention. ${text}. ${budget.steps} step${budget.steps === 1 ? '' : 's'} of ${budget.batch}
window${budget.batch === 1 ? '' : 's'} of ${budget.length}, ${seen} characters in all; ${sizes.blocks} blocks,
${sizes.width} channels, ${sizes.heads} heads; ${backend} backend.</p>
<div class="pair">
${section('Learning', 'Bits per character of held-out text.', charts.curves)}
${section(
  'Longer than in training',
  `By how many bits a character costs more in windows of ${testLengths.at(-1)} than in windows of ${testLengths[0]}, by position. Below 0, what came before the dashed line helps; above, the model is lost there.`,
  charts.positions,
)}
</div>
<section>${html(learntTable(results))}
<p>Trained at ${budget.length}, tested in windows of other lengths that hold the same ${testCharacters.toLocaleString('en')} characters.</p></section>
${costs}
</main>
</html>
`;
}

const section = (title: string, text: string, chart: string): string =>
  `<section><h2>${title}</h2><p>${text}</p>${chart}</section>`;

function html({heads, rows}: Table): string {
  const row = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map(cell => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;
  return `<div class="scroll"><table>${row(heads, 'th')}${rows.map(cells => row(cells, 'td')).join('')}</table></div>`;
}
