import {useSignal} from '@preact/signals';

import {BACKENDS, type BackendName} from '../engine/protocol.ts';
import {words} from '../text/language.ts';
import {formatBytes, formatMilliseconds, formatNumber} from './format.ts';
import {BACKEND_TITLES} from './state/backend_titles.ts';
import type {LatencySummary} from './state/latency.ts';
import {attempt} from './state/notices.ts';
import {start, started} from './state/session.ts';
import {fused, latency, measureBoth, setFused} from './state/tagging.ts';
import {training} from './state/training_state.ts';

const RUNS = 25;

/** Where the model runs and how fast, with fused kernels and without. */
export function Speed() {
  const measuring = useSignal(false);
  const running = started.value;
  const measure = () =>
    attempt(async () => {
      measuring.value = true;
      await measureBoth(RUNS).finally(() => {
        measuring.value = false;
      });
    });
  const choose = (chosen: BackendName) =>
    void attempt(() => start([chosen, ...BACKENDS.filter(backend => backend !== chosen)]));

  return (
    <section class="card speed" aria-labelledby="speed-title">
      <h2 id="speed-title">{words().speed}</h2>
      <dl>
        <dt>
          <label for="backend">{words().backend}</label>
        </dt>
        <dd>
          <select
            id="backend"
            value={running?.backend ?? ''}
            disabled={running === null || training.value !== null}
            onChange={({currentTarget: {value}}) => choose(value as BackendName)}
          >
            {BACKENDS.map(backend => (
              <option key={backend} value={backend}>
                {BACKEND_TITLES[backend]}
              </option>
            ))}
          </select>
        </dd>
        <dt>{words().adapter}</dt>
        <dd id="adapter">{running?.adapter ?? '–'}</dd>
        <dt>{words().model}</dt>
        <dd>{running ? words().modelSize(formatNumber(running.parameters), formatBytes(running.bytes)) : '–'}</dd>
      </dl>
      <table class="figures" aria-labelledby="speed-title">
        <thead>
          <tr>
            <td />
            <th scope="col" class={fused.value ? 'current' : ''}>
              {words().fused}
            </th>
            <th scope="col" class={fused.value ? '' : 'current'}>
              {words().composed}
            </th>
          </tr>
        </thead>
        <tbody>
          <Row title={words().median} of={({median}) => formatMilliseconds(median)} />
          <Row title={words().p95} of={({p95}) => formatMilliseconds(p95)} />
          <Row title={words().launches} of={({launches}) => (launches === undefined ? '–' : formatNumber(launches))} />
          <Row title={words().runs} of={({runs}) => formatNumber(runs)} />
        </tbody>
      </table>
      <div class="row">
        <label class="switch" title={words().useFusedHint}>
          <input
            type="checkbox"
            checked={fused.value}
            disabled={running === null || measuring.value}
            onChange={({currentTarget: {checked}}) => void attempt(() => setFused(checked))}
          />
          {words().useFused}
        </label>
        <button
          type="button"
          disabled={running === null || measuring.value || training.value !== null}
          onClick={measure}
        >
          {measuring.value ? words().measuring : words().measure}
        </button>
      </div>
      <p class="hint">
        {words().speedNote} {running?.backend === 'webgl' && words().noFused}
      </p>
    </section>
  );
}

function Row({title, of}: {title: string; of(summary: LatencySummary): string}) {
  return (
    <tr>
      <th scope="row">{title}</th>
      <td>{of(latency.value.fused)}</td>
      <td>{of(latency.value.composed)}</td>
    </tr>
  );
}
