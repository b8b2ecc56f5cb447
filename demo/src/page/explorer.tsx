import {useSignal, useSignalEffect} from '@preact/signals';
import {useEffect, useRef} from 'preact/hooks';

import type {Distribution} from '../engine/protocol.ts';
import {words} from '../text/language.ts';
import {Figure} from './figure.tsx';
import {formatNumber, formatPercent} from './format.ts';
import {Slider} from './slider.tsx';
import {EXPLORED_LENGTHS, exploreAll, explored} from './state/exploration.ts';
import {tellFailure} from './state/notices.ts';
import {generation, started} from './state/session.ts';

const HEAD_SIZES = [8, 16, 32, 64, 128];
const COLOURS = ['var(--t0)', 'var(--t2)', 'var(--t1)', 'var(--t3)', 'var(--t5)'];

/** Five kinds of attention over the same queries and keys. Nothing is computed before it is seen. */
export function Explorer() {
  const place = useRef<HTMLElement>(null);
  const isSeen = useSignal(false);
  const length = useSignal(256);
  const headSize = useSignal(64);

  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => {
      isSeen.value = entry.isIntersecting;
    });
    observer.observe(place.current!);
    return () => observer.disconnect();
  }, []);

  useSignalEffect(() => {
    const [first, size] = [length.value, headSize.value];
    generation.value;
    if (started.value !== null && isSeen.value) void tellFailure(() => exploreAll(first, size));
  });

  const atLength = explored.value.get(headSize.value)?.get(length.value);
  const byLength = [...(explored.value.get(headSize.value) ?? [])].sort(([a], [b]) => a - b);

  return (
    <section class="card explorer" aria-labelledby="explorer-title" ref={place}>
      <h2 id="explorer-title">{words().explorer}</h2>
      <p class="hint">{words().explorerHint}</p>
      <div class="row">
        <Slider
          title={words().length}
          values={EXPLORED_LENGTHS}
          value={length.value}
          onChoose={value => {
            length.value = value;
          }}
        />
        <Slider
          title={words().headSize}
          values={HEAD_SIZES}
          value={headSize.value}
          onChoose={value => {
            headSize.value = value;
          }}
        />
      </div>
      {atLength && <Drawings distributions={atLength} length={length.value} byLength={byLength} />}
    </section>
  );
}

interface DrawingsProps {
  distributions: readonly Distribution[];
  length: number;
  byLength: readonly (readonly [number, readonly Distribution[]])[];
}

function Drawings({distributions, length, byLength}: DrawingsProps) {
  const name = (kind: Distribution['attention']) => words().attentions[kind];
  const shares = distributions.flatMap(({attention, cumulative}) =>
    cumulative.map(([keys, share]) => ({attention: name(attention), keys, share})),
  );
  const entropies = byLength.flatMap(([n, all]) =>
    all.map(({attention, entropy}) => ({attention: name(attention), n, nats: entropy})),
  );
  const even = EXPLORED_LENGTHS.map(n => ({n, nats: Math.log(n)}));
  const color = {domain: distributions.map(({attention}) => name(attention)), range: COLOURS};
  const summary = distributions
    .map(d => `${name(d.attention)}: ${formatPercent(d.match)}, ${words().keys(formatNumber(Math.exp(d.entropy), 1))}`)
    .join('; ');
  const growth = distributions
    .map(({attention}) => `${name(attention)}: ${entropiesOf(attention, byLength)}`)
    .join('; ');
  return (
    <>
      <div class="pair">
        <figure>
          <figcaption>{words().cumulative}</figcaption>
          <Figure
            label={`${words().cumulative}. ${summary}`}
            data={[distributions, byLength.length, words()]}
            options={plot => ({
              height: 270,
              marginLeft: 44,
              marginBottom: 44,
              color,
              x: {type: 'log', base: 2, label: words().strongestKeys, labelOffset: 40, tickFormat: 'd'},
              y: {domain: [0, 100], percent: true, grid: true, label: `${words().share}, %`},
              marks: [plot.lineY(shares, {x: 'keys', y: 'share', stroke: 'attention', strokeWidth: 2, tip: true})],
            })}
          />
        </figure>
        <figure>
          <figcaption>{words().entropyByLength}</figcaption>
          <Figure
            label={`${words().entropyByLength}. ${growth}`}
            data={[distributions, byLength.length, words()]}
            options={plot => ({
              height: 270,
              marginLeft: 44,
              marginBottom: 44,
              color,
              x: {type: 'log', base: 2, label: words().tokens, labelOffset: 40, tickFormat: 'd'},
              y: {domain: [0, Math.log(1024)], grid: true, label: words().nats},
              marks: [
                plot.lineY(even, {x: 'n', y: 'nats', stroke: 'var(--muted)', strokeDasharray: '3 4'}),
                plot.ruleX([length], {stroke: 'var(--muted)', strokeOpacity: 0.5}),
                plot.lineY(entropies, {x: 'n', y: 'nats', stroke: 'attention', strokeWidth: 2, tip: true}),
                plot.dot(entropies, {x: 'n', y: 'nats', fill: 'attention', r: 3}),
              ],
            })}
          />
        </figure>
      </div>
      <table class="figures" aria-labelledby="explorer-title">
        <thead>
          <tr>
            <th scope="col">{words().kind}</th>
            <th scope="col">{words().onMatch}</th>
            <th scope="col">{words().spreadOver}</th>
          </tr>
        </thead>
        <tbody>
          {distributions.map((d, i) => (
            <tr key={d.attention}>
              <th scope="row">
                <span class="dot" style={{'--c': COLOURS[i]}} />
                {name(d.attention)}
              </th>
              <td>{formatPercent(d.match)}</td>
              <td>{words().keys(formatNumber(Math.exp(d.entropy), 1))}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="hint">{words().explorerNote}</p>
    </>
  );
}

/** The entropy of one kind at each length, as text. */
const entropiesOf = (kind: Distribution['attention'], byLength: DrawingsProps['byLength']): string =>
  byLength
    .map(([n, all]) => `${n} → ${formatNumber(all.find(({attention}) => attention === kind)?.entropy ?? 0, 1)}`)
    .join(', ');
