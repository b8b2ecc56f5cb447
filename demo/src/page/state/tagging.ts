import {computed, effect, signal} from '@preact/signals';

import type {Example, TaggedSentence, Tagging} from '../../engine/protocol.ts';
import {Latency, type LatencySummary} from './latency.ts';
import {corrected, isSameAsFound, type Mark, marksOf, sentenceKey} from './marks.ts';
import {tellFailure} from './notices.ts';
import {ask, generation, started} from './session.ts';
import {training} from './training_state.ts';

export const SAMPLES = [
  'The University of Ashmouth Press sponsors the 1993 Thornbury Conference.',
  'Sofia and Viktor Langford own the Bank of Norwell. Miles Ashdale, a retired judge from Fairfield, won the Rosa Dunmore Memorial Cup in May 1998.',
  'Holmere launched the Kelwick Falcon X40 on Monday; customers returned the Orbit 2 because it broke.',
];

export const text = signal(SAMPLES[0]);

/** What was found in `text`, or in the text that was there a moment ago. */
export const tagging = signal<(Tagging & {text: string}) | null>(null);

/** What the visitor corrected, by sentence. */
export const examples = signal<ReadonlyMap<string, Example>>(new Map());

export interface MarkedSentence extends TaggedSentence {
  marks: Mark[];
}

export const marked = computed<MarkedSentence[]>(() =>
  (tagging.value?.sentences ?? []).map(sentence => ({
    ...sentence,
    marks: marksOf(sentence, examples.value.get(sentenceKey(sentence.tokens.map(token => token.text)))),
  })),
);

export const fused = signal(true);
const latencies = {fused: new Latency(), composed: new Latency()};
export const latency = signal<Record<'fused' | 'composed', LatencySummary>>(summaries());

let busy = false;
let seen = 0;
const warm = new Set<boolean>();
let wanted = '';

/** Tags the text whenever it, or the model, has changed; what was typed meanwhile comes next. */
effect(() => {
  const {value} = text;
  const useFused = fused.value;
  if (started.value === null) {
    busy = false;
    return;
  }
  if (seen !== generation.value) {
    seen = generation.value;
    resetLatency();
    warm.clear();
    busy = false;
    void tellFailure(() => ask(engine => engine.setFused(useFused)));
  }
  wanted = value;
  if (!busy) void tellFailure(tagWanted);
});

async function tagWanted(): Promise<void> {
  const run = generation.peek();
  busy = true;
  try {
    let done: string | undefined;
    const mode = fused.peek();
    if (!warm.has(mode)) await ask(engine => engine.tag(wanted)); // compiles the shaders
    warm.add(mode);
    while (done !== wanted && run === generation.peek()) {
      done = wanted;
      await tagOnce(done);
    }
  } finally {
    if (run === generation.peek()) busy = false;
  }
}

async function tagOnce(input: string): Promise<void> {
  const result = await ask(engine => engine.tag(input));
  tagging.value = {...result, text: input};
  if (result.sentences.length > 0 && !training.value) record(result);
}

function record({fused, milliseconds, launches}: Tagging): void {
  latencies[fused ? 'fused' : 'composed'].add(milliseconds, launches);
  latency.value = summaries();
}

/** Shows the text as the model sees it now, without counting the time. */
export async function refresh(): Promise<void> {
  const input = text.peek();
  tagging.value = {...(await ask(engine => engine.tag(input))), text: input};
}

export async function setFused(value: boolean): Promise<void> {
  await ask(engine => engine.setFused(value));
  fused.value = value;
}

/** Tags the text `runs` times with each kind of kernels by turns, after one run of each to warm up. */
export async function measureBoth(runs: number): Promise<void> {
  const input = text.peek();
  for (let run = 0; run <= runs; run++) {
    for (const mode of [true, false]) {
      await ask(engine => engine.setFused(mode));
      const result = await ask(engine => engine.tag(input));
      if (run > 0 && result.sentences.length > 0) record(result);
    }
  }
  await ask(engine => engine.setFused(fused.peek()));
}

/** Adds a span to what is right for a sentence, or takes it away. */
export function correct(sentence: TaggedSentence, span: {type: string; start: number; end: number}): void {
  const key = sentenceKey(sentence.tokens.map(token => token.text));
  const example = corrected(tagging.peek()!.text, sentence, examples.peek().get(key), span);
  const all = new Map(examples.peek());
  if (isSameAsFound(example, sentence)) all.delete(key);
  else all.set(key, example);
  examples.value = all;
}

export function setExamples(list: readonly Example[]): void {
  examples.value = new Map(list.map(example => [sentenceKey(example.tokens), example]));
}

/** A new device or model has its own times. */
function resetLatency(): void {
  latencies.fused = new Latency();
  latencies.composed = new Latency();
  latency.value = summaries();
}

function summaries(): Record<'fused' | 'composed', LatencySummary> {
  return {fused: latencies.fused.summary(), composed: latencies.composed.summary()};
}
