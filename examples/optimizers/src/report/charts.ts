import {parse, View} from 'vega';
import {compile, type TopLevelSpec} from 'vega-lite';

import {type Comparison, STARTS} from '../compare.js';
import {CONTESTANTS} from '../contestants.js';
import {STRIDE} from '../run.js';

export interface Charts {
  /** Loss over the steps, a panel a start. */
  losses: string;
  /** Final loss against the learning rate, of the stock optimizers. */
  searches: string;
  /** Histogram of the gains at the end, a panel an adaptive optimizer and start. */
  gains: string;
}

const COLOURS = ['#8a94a3', '#4b5563', '#0e7490', '#15803d', '#9333a8', '#d9480f', '#1f5fbf'];
const NAMES = CONTESTANTS.map(({name}) => name);
const ADAPTIVE = CONTESTANTS.filter(({adapts}) => adapts).map(({name}) => name);
/** Losses below are drawn here: a logarithmic axis has no zero. */
const FLOOR = 1e-8;
const STARTS_IN_ORDER = STARTS.map(({name}) => name);

/** The charts of one task, as SVG. */
export async function drawComparison(comparison: Comparison): Promise<Charts> {
  return {
    losses: await lossCurves(comparison),
    searches: await searchCurves(comparison),
    gains: await gainHistograms(comparison),
  };
}

function lossCurves({results}: Comparison): Promise<string> {
  const values = results.flatMap(({contestant: {name, adapts}, start, losses}) =>
    losses.flatMap((loss, look) =>
      loss === null ? [] : [{name, adapts, start: start.name, step: look * STRIDE, loss: Math.max(loss, FLOOR)}],
    ),
  );
  return render({
    data: {values},
    facet: {column: {field: 'start', title: null, sort: STARTS_IN_ORDER, header: {labelFontSize: 13}}},
    spec: {
      width: 270,
      height: 230,
      mark: {type: 'line', interpolate: 'monotone'},
      encoding: {
        x: {field: 'step', type: 'quantitative', title: 'step', axis: {grid: false, tickCount: 4}},
        y: lossAxis('loss', 'loss'),
        color: colourOf({orient: 'bottom', columns: 7, symbolStrokeWidth: 3}),
        strokeWidth: {condition: {test: 'datum.adapts', value: 2.8}, value: 1.4},
      },
    },
  } as unknown as TopLevelSpec);
}

function searchCurves({searches}: Comparison): Promise<string> {
  const values = Object.entries(searches).flatMap(([name, points]) =>
    points.flatMap(({learningRate, final}) =>
      final === null ? [] : [{name, learningRate, final: Math.max(final, FLOOR)}],
    ),
  );
  return render({
    data: {values},
    width: 420,
    height: 200,
    mark: {type: 'line', point: true},
    encoding: {
      x: {
        field: 'learningRate',
        type: 'quantitative',
        title: 'learning rate',
        scale: {type: 'log'},
        axis: {grid: false, format: '.0~e'},
      },
      y: lossAxis('final', 'final loss'),
      color: colourOf({values: Object.keys(searches)}),
    },
  } as unknown as TopLevelSpec);
}

const lossAxis = (field: string, title: string) => ({
  field,
  type: 'quantitative',
  title,
  scale: {type: 'log'},
  axis: {tickCount: 5, format: '.1~e'},
});

/** A contestant's colour, the same in every chart. */
const colourOf = (legend: object) => ({
  field: 'name',
  type: 'nominal',
  scale: {domain: NAMES, range: COLOURS},
  legend: {title: null, ...legend},
});

function gainHistograms({results}: Comparison): Promise<string> {
  const values = results.flatMap(({contestant: {name, adapts}, start, gains}) =>
    adapts ? gains.map(gain => ({name, start: start.name, gain: Math.log10(gain)})) : [],
  );
  return render({
    data: {values},
    facet: {
      column: {field: 'start', title: null, sort: STARTS_IN_ORDER},
      row: {field: 'name', title: null, sort: ADAPTIVE},
    },
    spec: {
      width: 270,
      height: 110,
      mark: {type: 'bar', color: COLOURS[6]},
      encoding: {
        x: {
          field: 'gain',
          type: 'quantitative',
          bin: {extent: [-2, 2], step: 0.25},
          title: 'gain',
          axis: {labelExpr: 'format(pow(10, datum.value), "~")', values: [-2, -1, 0, 1, 2], grid: false},
        },
        y: {aggregate: 'count', type: 'quantitative', title: 'weights'},
      },
    },
    resolve: {scale: {y: 'independent'}},
  } as unknown as TopLevelSpec);
}

async function render(spec: TopLevelSpec): Promise<string> {
  const config = {font: 'system-ui, sans-serif', background: 'transparent', view: {stroke: null}};
  const view = new View(parse(compile({...spec, config} as TopLevelSpec).spec), {renderer: 'none'});
  const svg = await view.toSVG();
  view.finalize();
  return svg.replace(/(\.\d\d)\d+/g, '$1');
}
