import {useSignal} from '@preact/signals';

import {words} from '../text/language.ts';
import {formatBytes, formatNumber, formatPercent} from './format.ts';
import {LossCurve} from './loss_curve.tsx';
import {Slider} from './slider.tsx';
import {attempt} from './state/notices.ts';
import {started} from './state/session.ts';
import {examples} from './state/tagging.ts';
import {backToOriginal, exportModel, importModel, keptBytes, stopTraining, train} from './state/training.ts';
import {report, training} from './state/training_state.ts';

const STEPS = [10, 20, 30, 40, 60, 80, 100, 150, 200, 300];
const RATES = [0.0005, 0.001, 0.002, 0.005];

/** Trains the model on the corrected sentences, and keeps, exports and imports it. */
export function Teach() {
  const steps = useSignal(60);
  const rate = useSignal(0.002);
  const list = [...examples.value];
  const running = training.value;
  const ready = started.value !== null && running === null;
  const forget = (key: string) => {
    examples.value = new Map(list.filter(([other]) => other !== key));
  };

  return (
    <section class="card teach" aria-labelledby="teach-title">
      <h2 id="teach-title">{words().teach}</h2>
      <p class="hint">{words().teachHint}</p>
      <p class="count">{words().toLearn(list.length)}</p>
      {list.length > 0 && (
        <ul class="examples">
          {list.map(([key, {text}]) => (
            <li key={key}>
              <span>{text}</span>
              <button type="button" class="quiet" disabled={!ready} onClick={() => forget(key)}>
                {words().forgetExample}
                <span class="hidden">: {text}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <div class="row">
        <Slider
          title={words().steps}
          values={STEPS}
          value={steps.value}
          disabled={!ready}
          onChoose={value => {
            steps.value = value;
          }}
        />
        <label>
          {words().learningRate}
          <select
            value={rate.value}
            disabled={!ready}
            onChange={({currentTarget: {value}}) => (rate.value = Number(value))}
          >
            {RATES.map(value => (
              <option key={value} value={value}>
                {value}
              </option>
            ))}
          </select>
        </label>
        {running === null ? (
          <button
            type="button"
            class="main"
            disabled={!ready || list.length === 0}
            onClick={() => void attempt(() => train({steps: steps.value, learningRate: rate.value}))}
          >
            {words().train}
          </button>
        ) : (
          <button type="button" class="main" disabled={running.stopping} onClick={() => void attempt(stopTraining)}>
            {running.stopping ? words().stopping : words().stop}
          </button>
        )}
      </div>
      {running !== null && <Progress />}
      <p class="ended" role="status">
        {report.value !== null && words().trained(report.value.steps, report.value.stopped)}
      </p>
      <Result />
      <h3>{words().keep}</h3>
      <p class="hint">{keptBytes.value === null ? words().notKept : words().kept(formatBytes(keptBytes.value))}</p>
      <div class="row">
        <button type="button" disabled={!ready} onClick={() => void attempt(exportModel)}>
          {words().exportModel}
        </button>
        <label class={`button ${ready ? '' : 'disabled'}`}>
          {words().importModel}
          <input
            class="hidden"
            type="file"
            multiple
            accept=".zip,.json,.bin"
            disabled={!ready}
            onChange={({currentTarget}) => {
              const files = [...(currentTarget.files ?? [])];
              currentTarget.value = '';
              if (files.length > 0) void attempt(() => importModel(files));
            }}
          />
        </label>
        {keptBytes.value !== null && (
          <button type="button" disabled={!ready} onClick={() => void attempt(backToOriginal)}>
            {words().original}
          </button>
        )}
      </div>
    </section>
  );
}

function Progress() {
  const {steps, losses} = training.value!;
  const label = losses.length === 0 ? words().preparing : words().step(losses.length, steps);
  return (
    <>
      <label class="progress">
        {label}
        <progress max={steps} value={losses.length} />
      </label>
      <LossCurve losses={losses} steps={steps} />
    </>
  );
}

function Result() {
  if (report.value === null) return null;
  const {before, after, losses} = report.value;
  return (
    <>
      <table class="figures" aria-label="F1">
        <thead>
          <tr>
            <td />
            <th scope="col">{words().before}</th>
            <th scope="col">{words().after}</th>
          </tr>
        </thead>
        <tbody>
          {(['examples', 'heldOut'] as const).map(key => (
            <tr key={key}>
              <th scope="row">{key === 'examples' ? words().yourSentences : words().heldOut}</th>
              <td>{formatPercent(before[key])}</td>
              <td>{formatPercent(after[key])}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <LossCurve losses={losses} steps={losses.length} />
      <p class="hint">
        {words().loss}: {formatNumber(losses[0] ?? 0, 2)} → {formatNumber(losses.at(-1) ?? 0, 2)}
      </p>
    </>
  );
}
