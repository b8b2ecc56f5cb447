import {signal, useSignalEffect} from '@preact/signals';

import type {Maps as MapsData} from '../engine/protocol.ts';
import {words} from '../text/language.ts';
import {colourOf} from './colours.ts';
import {formatNumber} from './format.ts';
import {HeatMap} from './heat_map.tsx';
import {tellFailure} from './state/notices.ts';
import {ask, generation, started} from './state/session.ts';
import {tagging} from './state/tagging.ts';
import {Tabs} from './tabs.tsx';
import {typeName} from './type_name.ts';

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
      void tellFailure(async () => {
        const result = await ask(engine => engine.maps(current.tokens.map(({text}) => text)));
        if (tagging.peek() === found && generation.peek() === run) maps.value = result;
      });
    }
  });

  const types = maps.value?.types ?? [];
  const tabs = [
    ...types.map(type => ({key: `type ${type}`, title: typeName(type), colour: colourOf(type)})),
    ...(maps.value?.attention ?? []).map((_, unit) => ({
      key: `unit ${unit}`,
      title: `${words().attention} ${unit + 1}`,
    })),
  ];
  const key = tabs.some(tab => tab.key === chosen.value) ? chosen.value : `type ${strongestType()}`;

  return (
    <section class="card maps" aria-labelledby="maps-title">
      <h2 id="maps-title">{words().inside}</h2>
      <SentenceChoice />
      {maps.value === null ? (
        <p class="hint">{words().noSentence}</p>
      ) : (
        <Tabs label={words().inside} tabs={tabs} chosen={key} onChoose={next => (chosen.value = next)}>
          {key.startsWith('unit ') ? (
            <AttentionMap maps={maps.value} unit={Number(key.slice(5))} />
          ) : (
            <SpanMap maps={maps.value} type={types.indexOf(key.slice(5))} />
          )}
        </Tabs>
      )}
    </section>
  );
}

/** The type with the best span. */
function strongestType(): string | undefined {
  if (maps.value === null) return undefined;
  const {types, spanScores} = maps.value;
  const best = spanScores.map(scores => Math.max(...scores.flat()));
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

function SpanMap({maps, type}: {maps: MapsData; type: number}) {
  const {tokens, types, spanScores} = maps;
  const name = typeName(types[type]);
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
        colour={colourOf(types[type])}
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
