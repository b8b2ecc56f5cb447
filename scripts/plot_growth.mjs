/**
 * Draws how time and memory grow with the length, `docs/images/growth.svg`, from what `npm run bench -- linearAttentionGrowth
 * causalLinearAttentionGrowth performerAttentionGrowth --backend NAME` wrote to benchmarks/results.
 */
import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';

import {parse, View} from 'vega';
import {compile} from 'vega-lite';

const TITLES = {
  linearAttentionGrowth: 'LinearAttention',
  causalLinearAttentionGrowth: 'LinearAttention, causal',
  performerAttentionGrowth: 'Performer, causal',
};
const PROGRAMS = {ours: 'this package', quadratic: 'stock, T × T', 'prefix sums': 'stock, prefix sums'};
const COLOURS = ['#1f5fbf', '#d9480f', '#6b7280'];
const TICKS = [256, 1024, 4096, 16384, 65536];
const POWERS = [1, 10, 100, 1000, 10000];
const PANEL = {width: 190, height: 170};

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, 'benchmarks/results');
const points = readdirSync(folder).flatMap(file => pointsOf(JSON.parse(readFileSync(join(folder, file), 'utf8'))));
const svg = await render({
  vconcat: [panels('milliseconds', 'ms of a training step'), panels('megabytes', 'peak MB of a training step')],
  background: 'white',
  config: {font: 'system-ui, sans-serif', view: {stroke: '#d1d5db'}, axis: {gridColor: '#eef0f3', domain: false}},
});
const path = join(root, 'docs/images/growth.svg');
writeFileSync(path, `${svg}\n`);
console.log(`${path}: ${points.length} points`);

function pointsOf({backend, results}) {
  return Object.entries(TITLES).flatMap(([name, title]) =>
    (results[name]?.passes.training?.points ?? []).flatMap(({length, milliseconds, peakBytes}) =>
      Object.keys(milliseconds).map(program => ({
        panel: `${backend}, ${title}`,
        program: PROGRAMS[program] ?? program,
        length,
        milliseconds: milliseconds[program],
        megabytes: peakBytes[program] / 1e6,
      })),
    ),
  );
}

/** A panel for each backend and kind of attention, both axes logarithmic. */
function panels(field, title) {
  return {
    data: {values: points},
    facet: {field: 'panel', type: 'nominal', title: null, sort: [...new Set(points.map(({panel}) => panel))]},
    columns: Object.keys(TITLES).length,
    spacing: 36,
    spec: {
      ...PANEL,
      mark: {type: 'line', point: {size: 22}, strokeWidth: 2},
      encoding: {
        x: {
          field: 'length',
          type: 'quantitative',
          title: 'length',
          scale: {type: 'log', base: 2},
          axis: {values: TICKS, format: 'd', labelOverlap: false, labelFlush: false, labelFontSize: 9},
        },
        y: {field, type: 'quantitative', title, scale: {type: 'log'}, axis: {values: POWERS, format: '~s'}},
        color: {
          field: 'program',
          type: 'nominal',
          title: null,
          sort: Object.values(PROGRAMS),
          scale: {range: COLOURS},
          legend: {orient: 'top'},
        },
      },
    },
  };
}

async function render(spec) {
  return new View(parse(compile(spec).spec), {renderer: 'none'}).toSVG();
}
