import {signal, useSignalEffect} from '@preact/signals';

import type {Maps as MapsData} from '../engine/protocol.ts';
import {words} from '../text/language.ts';
import {colourOf} from './colours.ts';
import {formatNumber} from './format.ts';
import {HeatMap} from './heat_map.tsx';
import {attempt} from './state/notices.ts';
import {engine, generation, started} from './state/session.ts';
import {tagging} from './state/tagging.ts';
import {Tabs} from './tabs.tsx';

const maps = signal<MapsData | null>(null);
const sentence = signal(0);
const chosen = signal('');

/** How sure the model must be for full colour: a score of 6 is a probability of 99.8 %. */
const FULL = 6;

/** What the model computes for one sentence: the score of each span, and the attention of each unit. */
export function Maps() {
  useSignalEffect(() => {
    const found = tagging.value;
    const run = generation.value;
    const current = found?.sentences[Math.min(sentence.value, found.sentences.length - 1)];
    if (started.value === null || current === undefined) maps.value = null;
    else {
      void attempt(async () => {
        const result = await engine().maps(current.tokens.map(({text}) => text));
        if (tagging.peek() === found && generation.peek() === run) maps.value = result;
      });
    }
  });

  const types = started.value?.types ?? [];
  const units = Array.from({length: started.value?.units ?? 0}, (_, i) => i);
  const tabs = [
    ...types.map(type => ({key: type, title: words().types[type] ?? type, colour: colourOf(types, type)})),
    ...units.map(unit => ({key: `unit ${unit}`, title: `${words().attention} ${unit + 1}`})),
  ];
  const key = tabs.some(tab => tab.key === chosen.value) ? chosen.value : (strongestType(types) ?? tabs[0]?.key);

  return (
    <section class="card maps" aria-labelledby="maps-title">
      <h2 id="maps-title">{words().inside}</h2>
      <SentenceChoice />
      {maps.value === null || key === undefined ? (
        <p class="hint">{words().noSentence}</p>
      ) : (
        <Tabs label={words().inside} tabs={tabs} chosen={key} onChoose={next => (chosen.value = next)}>
          {key.startsWith('unit ') ? (
            <AttentionMap maps={maps.value} unit={Number(key.slice(5))} />
          ) : (
            <SpanMap maps={maps.value} type={types.indexOf(key)} types={types} />
          )}
        </Tabs>
      )}
    </section>
  );
}

/** The type with the best span. */
function strongestType(types: readonly string[]): string | undefined {
  if (maps.value === null) return undefined;
  const best = maps.value.spanScores.map(scores => Math.max(...scores.flat()));
  return types[best.indexOf(Math.max(...best))];
}

function SentenceChoice() {
  const sentences = tagging.value?.sentences ?? [];
  if (sentences.length < 2) return null;
  const shorten = (text: string) => (text.length > 60 ? `${text.slice(0, 58)}…` : text);
  return (
    <label class="choice">
      {words().sentence}{' '}
      <select value={sentence.value} onChange={({currentTarget: {value}}) => (sentence.value = Number(value))}>
        {sentences.map(({start, end}, i) => (
          <option key={start} value={i}>
            {shorten(tagging.value!.text.slice(start, end))}
          </option>
        ))}
      </select>
    </label>
  );
}

function SpanMap({maps, type, types}: {maps: MapsData; type: number; types: readonly string[]}) {
  const {tokens, spanScores} = maps;
  const name = words().types[types[type]] ?? types[type];
  const cells = tokens.flatMap((_, start) =>
    tokens.flatMap((_, end) => {
      const score = spanScores[type][start][end];
      return end < start
        ? []
        : [{row: start, column: end, value: score, strength: Math.max(0.06, 1 / (1 + Math.exp(-score)))}];
    }),
  );
  const strongest = cells
    .filter(({value}) => value > -FULL)
    .sort((a, b) => b.value - a.value)
    .slice(0, 3);
  const list = strongest.map(
    ({row, column, value}) => `${tokens.slice(row, column + 1).join(' ')} (${formatNumber(value, 1)})`,
  );
  return (
    <>
      <p class="hint">{words().spanMap(name)}</p>
      <HeatMap
        label={`${words().spanMap(name)} ${words().strongest} ${list.join(', ')}`}
        tokens={tokens}
        cells={cells}
        colour={colourOf(types, types[type])}
        rowTitle={words().first}
        columnTitle={words().last}
      />
      {list.length > 0 && (
        <p class="hint">
          {words().strongest} {list.join(' · ')}
        </p>
      )}
    </>
  );
}

function AttentionMap({maps, unit}: {maps: MapsData; unit: number}) {
  const {tokens, attention} = maps;
  const cells = attention[unit].flatMap((weights, row) =>
    weights.map((value, column) => ({row, column, value, strength: Math.max(0.04, Math.sqrt(value))})),
  );
  const strongest = [...cells].sort((a, b) => b.value - a.value).slice(0, 3);
  const list = strongest.map(
    ({row, column, value}) => `${tokens[row]} → ${tokens[column]} (${formatNumber(value, 2)})`,
  );
  return (
    <>
      <p class="hint">{words().attentionMap(unit + 1)}</p>
      <HeatMap
        label={`${words().attentionMap(unit + 1)} ${words().strongest} ${list.join(', ')}`}
        tokens={tokens}
        cells={cells}
        colour="var(--accent)"
        rowTitle={words().reads}
        columnTitle={words().from}
      />
      <p class="hint">
        {words().strongest} {list.join(' · ')}
      </p>
    </>
  );
}
