import {type Comparison, type Result, STARTS} from '../compare.js';
import {CONTESTANTS} from '../contestants.js';
import {showLoss} from '../table.js';
import type {Charts} from './charts.js';

export interface Section {
  comparison: Comparison;
  charts: Charts;
}

const STYLE = `
body{margin:0;background:#f6f7f9;color:#1c2430;font:16px/1.55 system-ui,sans-serif}
main{max-width:1080px;margin:0 auto;padding:40px 20px 64px}
section{background:#fff;border:1px solid #e3e7ec;border-radius:12px;padding:22px 24px;margin-top:20px}
h2{margin:0}h3{font-size:1rem;margin:22px 0 4px}p{margin:.3em 0;color:#5b6675;max-width:48em}
svg{max-width:100%;height:auto}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:5px 16px 5px 0;text-align:right;border-bottom:1px solid #e3e7ec}
th:first-child,td:first-child{text-align:left}.adapts{font-weight:650}`;

/** The report as one HTML file that needs nothing else. */
export function page(sections: readonly Section[], run: {steps: number; seeds: number; backend: string}): string {
  const {steps, seeds, backend} = run;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>Optimizers from poor learning rates</title>
<style>${STYLE}</style>
<main>
<h1>Optimizers from poor learning rates</h1>
<p>${steps} steps, ${seeds === 1 ? 'one seed' : `medians over ${seeds} seeds`}, ${backend} backend. Good is the best
rate of the stock optimizer (sgd, momentum or adam) that each builds on; too small is a hundredth of it, too large ten
times as much. Bold: optimizers that change their own step sizes.</p>
${sections.map(sectionHtml).join('\n')}
</main>
</html>
`;
}

function sectionHtml({comparison, charts}: Section): string {
  const {task} = comparison;
  return `<section>
<h2>${task.name}</h2>
<p>${task.description}.</p>
<h3>Loss</h3>${charts.losses}
<h3>Final loss</h3>${finalTable(comparison)}
<h3>Where the good rates lie</h3>${charts.searches}
<h3>Gains the weights ended with</h3>
<p>Above 1 the optimizer lengthened a weight's steps, below 1 it shortened them.</p>${charts.gains}
<h3>Scales the variables ended with</h3>${scaleTable(comparison)}
</section>`;
}

const finalTable = ({results}: Comparison): string => htmlTable(results, ({final}) => showLoss(final));

const scaleTable = ({results}: Comparison): string =>
  htmlTable(
    results.filter(({contestant}) => contestant.adapts),
    ({scales}) => scales.map(scale => scale.toFixed(2)).join(' '),
  );

/** A contestant a row, a start a column; contestants without results are left out. */
function htmlTable(results: readonly Result[], cellOf: (result: Result) => string): string {
  const rows = CONTESTANTS.map(contestant => {
    const own = results.filter(result => result.contestant === contestant);
    if (own.length === 0) return '';
    const columns = own.map(result => `<td>${cellOf(result)}</td>`).join('');
    return `<tr${contestant.adapts ? ' class="adapts"' : ''}><td>${contestant.name}</td>${columns}</tr>`;
  });
  return `<div class="scroll"><table><tr><th></th>${STARTS.map(({name}) => `<th>${name}</th>`).join('')}</tr>${rows.join('')}</table></div>`;
}
