import {words} from '../text/language.ts';
import {Figure} from './figure.tsx';
import {formatNumber} from './format.ts';

/** The loss of each step, and its mean over the last ten. */
export function LossCurve({losses, steps}: {losses: readonly number[]; steps: number}) {
  if (losses.length === 0) return null;
  const points = losses.map((loss, i) => ({step: i + 1, loss}));
  const show = (value: number) => formatNumber(value, 2);
  return (
    <Figure
      label={words().lossCurve(show(losses[0]), show(losses[losses.length - 1]))}
      data={[losses, steps]}
      options={plot => ({
        height: 150,
        marginLeft: 40,
        x: {domain: [1, Math.max(2, steps)], label: null, ticks: 5},
        y: {domain: [0, Math.max(...losses)], grid: true, label: words().loss, ticks: 4, nice: true},
        marks: [
          plot.dot(points, {x: 'step', y: 'loss', r: 1.5, fill: 'var(--muted)'}),
          plot.lineY(
            points,
            plot.windowY({k: 10, anchor: 'end'}, {x: 'step', y: 'loss', stroke: 'var(--accent)', strokeWidth: 2}),
          ),
        ],
      })}
    />
  );
}
