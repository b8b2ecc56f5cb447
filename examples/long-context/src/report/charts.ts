import {parse, View} from 'vega';
import {compile, type TopLevelSpec} from 'vega-lite';

import {ATTENTION_NAMES, ATTENTIONS} from '../model/attentions.js';
import type {Result} from '../results.js';

export interface Charts {
  /** Bits per character of held-out text over the training steps. */
  curves: string;
  /** How many bits per character the longest windows cost more than those of training, by position. */
  positions: string;
  /** Characters per second of a training step by length. */
  speed: string;
  /** Peak memory of a training step by length. */
  memory: string;
}

const COLOURS = ['#4b5563', '#1f5fbf', '#0e7490', '#d9480f', '#9333a8', '#15803d'];

/** The charts of all kinds of attention, as SVG. */
export async function drawResults(results: readonly Result[], trainedAt: number): Promise<Charts> {
  const costs = results.flatMap(({attention, costs}) =>
    costs.map(({length, milliseconds, tensorBytes}) => ({
      ...named(attention),
      length,
      speed: (length / milliseconds) * 1000,
      megabytes: tensorBytes / 1e6,
    })),
  );
  return {
    curves: await render(lines(learningCurves(results), ['step', 'step'], ['bits', 'bits per character'])),
    positions: await render({
      ...SIZE,
      layer: [
        lines(
          positionCurves(results),
          ['position', 'position in the window'],
          ['difference', 'difference in bits per character'],
        ),
        {
          data: {values: [{x: trainedAt}]},
          mark: {type: 'rule', strokeDash: [4, 4]},
          encoding: {x: {field: 'x', type: 'quantitative'}},
        },
      ],
    }),
    speed: await render(lines(costs, ['length', 'length'], ['speed', 'characters per second'], true)),
    memory: await render(lines(costs, ['length', 'length'], ['megabytes', 'peak MB'], true)),
  };
}

const named = (attention: Result['attention']) => ({attention: ATTENTIONS[attention].label});

const learningCurves = (results: readonly Result[]) =>
  results.flatMap(({attention, curve}) => curve.points.map(point => ({...named(attention), ...point})));

const positionCurves = (results: readonly Result[]) =>
  results.flatMap(({attention, tests}) =>
    tests.at(-1)!.byPosition.map(({position, bits}, i) => ({
      ...named(attention),
      position,
      difference: bits - tests[0].byPosition[i].bits,
    })),
  );

const SIZE = {width: 420, height: 260};

/** A line for each kind of attention, in the same colour in every chart; both axes logarithmic where `powers`. */
function lines(values: object[], [x, xTitle]: [string, string], [y, yTitle]: [string, string], powers = false): object {
  const scale = powers ? {type: 'log', ...(x === 'length' && {base: 2})} : {zero: false};
  return {
    ...SIZE,
    data: {values},
    mark: {type: 'line', point: {size: 18}},
    encoding: {
      x: {field: x, type: 'quantitative', title: xTitle, scale, axis: {grid: false, format: '~d'}},
      y: {
        field: y,
        type: 'quantitative',
        title: yTitle,
        scale: powers ? {type: 'log'} : {zero: false},
        axis: {format: powers ? '~s' : y === 'difference' ? '.2f' : '.1f', tickCount: 5},
      },
      color: {
        field: 'attention',
        type: 'nominal',
        scale: {domain: ATTENTION_NAMES.map(name => ATTENTIONS[name].label), range: COLOURS},
        legend: {title: null, orient: 'bottom', columns: 3, symbolStrokeWidth: 3},
      },
    },
  };
}

async function render(spec: object): Promise<string> {
  const config = {font: 'system-ui, sans-serif', background: 'transparent', view: {stroke: null}};
  const view = new View(parse(compile({...spec, config} as TopLevelSpec).spec), {renderer: 'none'});
  const svg = await view.toSVG();
  view.finalize();
  return svg.replace(/(\.\d\d)\d+/g, '$1');
}
