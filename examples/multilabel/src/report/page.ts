import type {Group, Result} from '../compare.js';
import {groupTable, settingsTable, type Table} from '../table.js';
import type {Charts} from './charts.js';

const STYLE = `
body{margin:0;background:#f6f7f9;color:#1c2430;font:16px/1.55 system-ui,sans-serif}
main{max-width:1080px;margin:0 auto;padding:40px 20px 64px}
section{background:#fff;border:1px solid #e3e7ec;border-radius:12px;padding:22px 24px;margin-top:20px}
h2{margin:0 0 6px;font-size:1.2rem}h3{font-size:1rem;margin:22px 0 0}p{margin:.3em 0;color:#5b6675;max-width:56em}
.pair{display:flex;flex-wrap:wrap;gap:20px}.pair>section{flex:1 1 440px}
svg{max-width:100%;height:auto}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin-top:6px}
th,td{padding:5px 16px 5px 0;text-align:right;border-bottom:1px solid #e3e7ec}
th:first-child,td:first-child{text-align:left}tr:last-child td{font-weight:650}`;

/** The report as one HTML file that needs nothing else. */
export function page(results: readonly Result[], groups: readonly Group[], charts: Charts, setup: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>Losses for many tags</title>
<style>${STYLE}</style>
<main>
<h1>Losses for many tags</h1>
<p>${setup}</p>
<section><h2>F1 by how frequent a tag is</h2>
<p>A dot is a tag of the test documents, a line the mean of the tags whose frequencies are within a factor of 2.</p>
${charts.frequencies}
<h3>Predicted above 0</h3>${html(groupTable(results, groups, 'atZero'))}
<h3>Predicted above the best threshold of the validation</h3>${html(groupTable(results, groups, 'atBest'))}
<p>Columns: training documents that a tag has.</p></section>
<div class="pair">
<section><h2>Learning</h2><p>Mean F1 of the tags of the validation documents, predicted above 0.</p>${charts.curves}</section>
<section><h2>What was chosen on the validation documents</h2>${html(settingsTable(results))}</section>
</div>
</main>
</html>
`;
}

function html({heads, rows}: Table): string {
  const row = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map(cell => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;
  return `<div class="scroll"><table>${row(heads, 'th')}${rows.map(cells => row(cells, 'td')).join('')}</table></div>`;
}
