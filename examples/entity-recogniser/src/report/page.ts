import type {TokenKind} from '../data/sentence.js';
import type {Score, Scores} from '../scores.js';
import {clock} from '../terminal/clock.js';
import {escapeHtml} from './html.js';
import {STYLE} from './style.js';
import {type TaggedSentence, taggedHtml} from './tagged_html.js';
import type {ThemeName} from './theme.js';

export interface Report {
  title: string;
  /** One line: text, model, backend. */
  lead: string;
  /** Part of the text that the scores are of. */
  part: 'test' | 'dev';
  scores: Scores;
  types: readonly string[];
  tokenKind: TokenKind;
  parameters: number;
  seconds: number;
  /** SVG, once for each ground. */
  learningCurve: Record<ThemeName, string>;
  spanMap: Record<ThemeName, string>;
  mapped: TaggedSentence;
  tagged: readonly TaggedSentence[];
  /** How to do it again. */
  commands: readonly string[];
  settings: Record<string, unknown>;
}

/** The report as one HTML file that needs nothing else. */
export function reportPage(report: Report): string {
  const {title, lead, part, scores, types, tokenKind, tagged, mapped} = report;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
<main>
<h1>${escapeHtml(title)}</h1>
<p class="lead">${escapeHtml(lead)}</p>
<div class="figures">${figures(report)}</div>
<section>
<h2>Found in text the model has never seen</h2>
<p class="note">A bar under each entity; entities inside others lie below them. Hatched bars are wrong, dashed ones were missed.</p>
${tagged.map(sentence => taggedHtml(sentence, types, tokenKind)).join('\n')}
</section>
<section>
<h2>Scores on the ${part} text</h2>
${scoreTable(scores, types)}
</section>
<section>
<h2>Learning</h2>
<div class="scroll">${onBothGrounds(report.learningCurve)}</div>
</section>
<section>
<h2>What the head sees</h2>
<p class="note">Every pair of a first and a last token has a score for each type; above 0 it is an entity. Frames mark the
labelled ones. Rest the pointer on a cell to read it.</p>
${taggedHtml(mapped, types, tokenKind)}
<div class="scroll">${onBothGrounds(report.spanMap)}</div>
</section>
<section>
<h2>Again</h2>
<pre>${report.commands.map(escapeHtml).join('\n')}</pre>
<details><summary>All settings</summary><pre>${escapeHtml(JSON.stringify(report.settings, null, 2))}</pre></details>
</section>
</main>
</html>
`;
}

function figures({scores: {all}, parameters, seconds}: Report): string {
  const entries = [
    ['F1', percent(all.f1)],
    ['precision', percent(all.precision)],
    ['recall', percent(all.recall)],
    ['labelled spans', all.labelled.toLocaleString('en')],
    ['parameters', parameters.toLocaleString('en')],
    ['training time', clock(seconds)],
  ];
  return entries.map(([name, value]) => `<div><b>${value}</b><span>${name}</span></div>`).join('');
}

function scoreTable({all, byType}: Scores, types: readonly string[]): string {
  const row = (name: string, score: Score, colour: string): string =>
    `<tr><td><span class="dot" style="--c:${colour}"></span>${escapeHtml(name)}</td><td>${percent(score.precision)}</td>` +
    `<td>${percent(score.recall)}</td><td>${percent(score.f1)}</td><td>${score.labelled}</td>` +
    `<td><div class="meter" style="--c:${colour}"><i style="width:${(100 * score.f1).toFixed(2)}%"></i></div></td></tr>`;
  const body = Object.entries(byType).map(([type, score]) => row(type, score, `var(--t${types.indexOf(type) % 10})`));
  return `<div class="scroll"><table><thead><tr><th>type</th><th>precision</th><th>recall</th><th>F1</th><th>spans</th><th></th></tr></thead>
<tbody>${body.join('\n')}</tbody><tfoot>${row('all', all, 'var(--muted)')}</tfoot></table></div>`;
}

const onBothGrounds = (svg: Record<ThemeName, string>): string =>
  `<div class="on-light">${svg.light}</div><div class="on-dark">${svg.dark}</div>`;

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
