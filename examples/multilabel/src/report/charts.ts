import {parse, View} from 'vega';
import {compile, type TopLevelSpec} from 'vega-lite';

import type {Group, Result} from '../compare.js';
import {CONTESTANTS} from '../contestants.js';
import {mean} from '../training/f1.js';

export interface Charts {
  /** F1 of tags by how many training documents they have, at the threshold 0 and at the best one. */
  frequencies: string;
  /** Mean F1 of the validation documents over the epochs. */
  curves: string;
}

const COLOURS = ['#4b5563', '#d9480f', '#1f5fbf'];
const SIZE = {width: 400, height: 280};

/** The charts, as SVG. */
export async function drawResults(
  results: readonly Result[],
  counts: readonly number[],
  groups: readonly Group[],
): Promise<Charts> {
  return {
    frequencies: await render({
      hconcat: (['atZero', 'atBest'] as const).map(which => ({
        title: which === 'atZero' ? 'Predicted above 0' : 'Predicted above the best threshold of the validation',
        ...SIZE,
        layer: [
          {data: {values: ofTags(results, counts, which)}, mark: {type: 'point', size: 14, opacity: 0.45}},
          {data: {values: ofGroups(results, counts, groups, which)}, mark: {type: 'line', strokeWidth: 2.6}},
        ],
        encoding: {
          x: {
            field: 'documents',
            type: 'quantitative',
            title: 'training documents with the tag',
            scale: {type: 'log', nice: false},
            axis: {grid: false, format: '~d', tickCount: 6},
          },
          y: {field: 'f1', type: 'quantitative', title: 'F1', scale: {domain: [0, 1]}, axis: {tickCount: 5}},
          color: COLOUR,
        },
      })),
    }),
    curves: await render({
      ...SIZE,
      data: {
        values: results.flatMap(({contestant: {name}, curve}) => curve.map((f1, i) => ({name, epoch: i + 1, f1}))),
      },
      mark: {type: 'line'},
      encoding: {
        x: {field: 'epoch', type: 'quantitative', title: 'epoch', axis: {grid: false, format: '~d'}},
        y: {field: 'f1', type: 'quantitative', title: 'mean F1', axis: {tickCount: 5}},
        color: COLOUR,
      },
    }),
  };
}

const COLOUR = {
  field: 'name',
  type: 'nominal',
  scale: {domain: CONTESTANTS.map(({name}) => name), range: COLOURS},
  legend: {title: null, orient: 'bottom', symbolStrokeWidth: 3, labelLimit: 300},
};

const ofTags = (results: readonly Result[], counts: readonly number[], which: 'atZero' | 'atBest') =>
  results.flatMap(({contestant: {name}, [which]: scores}) =>
    scores.map((f1, tag) => ({name, documents: counts[tag], f1})),
  );

const ofGroups = (
  results: readonly Result[],
  counts: readonly number[],
  groups: readonly Group[],
  which: 'atZero' | 'atBest',
) =>
  results.flatMap(({contestant: {name}, [which]: scores}) =>
    groups.map(({tags}) => ({
      name,
      documents: Math.exp(mean(tags.map(tag => Math.log(Math.max(counts[tag], 1))))),
      f1: mean(tags.map(tag => scores[tag])),
    })),
  );

async function render(spec: object): Promise<string> {
  const config = {font: 'system-ui, sans-serif', background: 'transparent', view: {stroke: null}};
  const view = new View(parse(compile({...spec, config} as TopLevelSpec).spec), {renderer: 'none'});
  const svg = await view.toSVG();
  view.finalize();
  return svg.replace(/(\.\d\d)\d+/g, '$1');
}
