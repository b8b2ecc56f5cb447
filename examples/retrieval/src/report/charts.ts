import {parse, View} from 'vega';
import {compile, type TopLevelSpec} from 'vega-lite';

import {RANKS, type Result} from '../sweep.js';

const COLOURS = ['#1f5fbf', '#0e7490', '#15803d'];

/** Recall@k against the margin, as SVG; dashed lines for the softmax of products. */
export async function drawSweep(results: readonly Result[]): Promise<string> {
  const values = results.flatMap(({contestant: {margin}, recall}) =>
    recall.map((value, i) => ({margin, recall: value, rank: `recall@${RANKS[i]}`})),
  );
  const y = {
    field: 'recall',
    type: 'quantitative',
    title: 'recall@k',
    scale: {zero: false, padding: 12},
    axis: {tickCount: 6, format: '.2f'},
  };
  const color = {
    field: 'rank',
    type: 'nominal',
    scale: {domain: RANKS.map(k => `recall@${k}`), range: COLOURS},
    legend: {title: null, orient: 'bottom', symbolStrokeWidth: 3},
  };
  return render({
    width: 620,
    height: 320,
    layer: [
      {
        data: {values: values.filter(({margin}) => margin !== null)},
        mark: {type: 'line', point: true},
        encoding: {x: {field: 'margin', type: 'quantitative', title: 'margin', axis: {grid: false}}, y, color},
      },
      {
        data: {values: values.filter(({margin}) => margin === null)},
        mark: {type: 'rule', strokeDash: [5, 4]},
        encoding: {y, color},
      },
    ],
  });
}

async function render(spec: object): Promise<string> {
  const config = {font: 'system-ui, sans-serif', background: 'transparent', view: {stroke: null}};
  const view = new View(parse(compile({...spec, config} as TopLevelSpec).spec), {renderer: 'none'});
  const svg = await view.toSVG();
  view.finalize();
  return svg.replace(/(\.\d\d)\d+/g, '$1');
}
