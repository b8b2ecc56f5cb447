import type {Sentence} from '../data/sentences.js';
import {bestOf, type Result} from '../sweep.js';
import {recallTable} from '../table.js';

/** Queries whose neighbours are shown, and how many of each. */
const QUERIES = 8;
const NEIGHBOURS = 5;

const STYLE = `
body{margin:0;background:#f6f7f9;color:#1c2430;font:16px/1.55 system-ui,sans-serif}
main{max-width:1080px;margin:0 auto;padding:40px 20px 64px}
section{background:#fff;border:1px solid #e3e7ec;border-radius:12px;padding:22px 24px;margin-top:20px}
h2{margin:0 0 6px;font-size:1.2rem}h3{font-size:1rem;margin:18px 0 2px}p{margin:.3em 0;color:#5b6675;max-width:56em}
svg{max-width:100%;height:auto}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin-top:6px}
th,td{padding:5px 16px 5px 0;text-align:right;border-bottom:1px solid #e3e7ec}
th:first-child,td:first-child{text-align:left}
ol{margin:2px 0;padding-left:1.6em}li span{color:#5b6675;font-variant-numeric:tabular-nums}
.right{color:#15803d}.wrong{color:#c2410c}`;

/** The report as one HTML file that needs nothing else. */
export function page(results: readonly Result[], test: readonly Sentence[], chart: string, setup: string): string {
  const best = bestOf(results);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>Retrieval by margins</title>
<style>${STYLE}</style>
<main>
<h1>Retrieval by margins</h1>
<p>${setup}</p>
<section><h2>Recall against the margin</h2>
<p>Share of the test sentences that have one of the same meaning among their k nearest. Dashed: softmax of products
instead of cosines.</p>
${chart}
${recallHtml(results)}</section>
<section><h2>Nearest neighbours</h2>
<p>${best.contestant.name}: the nearest of ${test.length} sentences, with their cosines. Green has the same meaning.</p>
${queriesOf(test)
  .map(query => neighboursHtml(best, test, query))
  .join('\n')}</section>
</main>
</html>
`;
}

function recallHtml(results: readonly Result[]): string {
  const {heads, rows} = recallTable(results);
  const row = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map(cell => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;
  return `<div class="scroll"><table>${row(heads, 'th')}${rows.map(cells => row(cells, 'td')).join('')}</table></div>`;
}

/** Evenly over the test, each of another meaning. */
const queriesOf = (test: readonly Sentence[]): number[] =>
  Array.from({length: QUERIES}, (_, i) => Math.floor((i * test.length) / QUERIES));

function neighboursHtml({neighbours}: Result, test: readonly Sentence[], query: number): string {
  const items = neighbours[query].slice(0, NEIGHBOURS).map(({index, cosine}) => {
    const isRight = test[index].meaning === test[query].meaning;
    return `<li class="${isRight ? 'right' : 'wrong'}">${test[index].text} <span>${cosine.toFixed(2)}</span></li>`;
  });
  return `<h3>${test[query].text}</h3><ol>${items.join('')}</ol>`;
}
