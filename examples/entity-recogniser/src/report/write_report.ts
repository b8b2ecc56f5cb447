import {writeFileSync} from 'node:fs';
import {basename, join} from 'node:path';

import {type Dataset, spanKey} from '../data/sentence.js';
import type {Recogniser} from '../recogniser.js';
import type {Scores} from '../scores.js';
import type {Run} from '../settings.js';
import type {EpochRecord} from '../training/progress.js';
import {learningCurve, type SpanScores, spanScoreMap} from './charts.js';
import {chooseMapped, chooseTagged} from './choose_sentences.js';
import {reportPage} from './page.js';
import type {TaggedSentence} from './tagged_html.js';
import type {ThemeName} from './theme.js';

/** Types of which a map of scores is drawn. */
const MOST_MAPS = 4;

export interface ReportInput {
  run: Run;
  data: Dataset;
  recogniser: Recogniser;
  scores: Scores;
  history: readonly EpochRecord[];
  bestEpoch: number;
}

/** Writes `report.html` and returns its path. */
export async function writeReport(input: ReportInput): Promise<string> {
  const {run, data, recogniser, scores, history, bestEpoch} = input;
  const heldOut = data.test ?? data.dev;
  const predicted = await recogniser.find(heldOut);
  const mapped = chooseMapped(heldOut, predicted);
  const spans = await spanScoresOf(recogniser, mapped);
  const {types} = recogniser.encoder;
  const page = reportPage({
    title: 'An entity recogniser, trained in Node',
    lead: describe(run, data),
    part: data.test ? 'test' : 'dev',
    scores,
    types,
    tokenKind: data.tokenKind,
    parameters: recogniser.model.countParams(),
    seconds: history.reduce((sum, record) => sum + record.seconds, 0),
    learningCurve: await onBothGrounds(theme => learningCurve(history, bestEpoch, theme)),
    spanMap: await onBothGrounds(theme => spanScoreMap(spans, theme)),
    mapped,
    tagged: chooseTagged(heldOut, predicted),
    commands: [run.command, 'npm start -- tag "Your own text."'],
    settings: {...run, out: undefined, command: undefined},
  });
  const file = join(run.out, 'report.html');
  writeFileSync(file, page);
  return file;
}

function describe({backend, layers, units, data}: Run, {train}: Dataset): string {
  const unit = layers === 1 ? 'one gated attention unit' : `${layers} gated attention units`;
  const text = `${train.length.toLocaleString('en')} ${data ? `sentences of ${basename(data)}` : 'generated sentences'}`;
  return `${text} · ${unit} of width ${units} with an Efficient GlobalPointer head · ${backend} backend`;
}

async function spanScoresOf(
  recogniser: Recogniser,
  {tokens, predicted, labelled = []}: TaggedSentence,
): Promise<SpanScores> {
  const scores = await recogniser.spanScores({tokens});
  const frames = new Set(labelled.map(spanKey));
  const present = new Set([...labelled, ...predicted].map(({type}) => type));
  const shown = recogniser.encoder.types.filter(type => present.has(type)).slice(0, MOST_MAPS);
  const cells = shown.flatMap(type => {
    const square = scores[recogniser.encoder.types.indexOf(type)];
    return square.flatMap((row, start) =>
      row.slice(start).map((score, offset) => {
        const end = start + offset;
        return {type, start, end, score, labelled: frames.has(spanKey({type, start, end}))};
      }),
    );
  });
  return {tokens, cells};
}

async function onBothGrounds(draw: (theme: ThemeName) => Promise<string>): Promise<Record<ThemeName, string>> {
  return {light: await draw('light'), dark: await draw('dark')};
}
