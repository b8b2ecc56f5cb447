import {parse, View} from 'vega';
import {compile, type TopLevelSpec} from 'vega-lite';

import type {EpochRecord} from '../training/progress.js';
import {THEMES, type ThemeName} from './theme.js';

/** The scores of all spans of one sentence under the types worth showing. */
export interface SpanScores {
  tokens: readonly string[];
  cells: {type: string; start: number; end: number; score: number; labelled: boolean}[];
}

/** Loss and dev F1 over the epochs, one above the other, as SVG. */
export function learningCurve(history: readonly EpochRecord[], bestEpoch: number, theme: ThemeName): Promise<string> {
  const {accent, second, muted} = THEMES[theme];
  const x = {field: 'epoch', type: 'quantitative', title: null, axis: {tickMinStep: 1, format: 'd', grid: false}};
  const curve = (field: string, title: string, color: string, format: string, zero: boolean) => ({
    width: 460,
    height: 170,
    title: {text: title, anchor: 'start'},
    encoding: {x, y: {field, type: 'quantitative', title: null, scale: {zero}, axis: {format, tickCount: 5}}},
    layer: [
      {mark: {type: 'line', color, strokeWidth: 2}},
      {
        mark: {type: 'point', filled: true, color, size: 46, opacity: 1},
        encoding: {description: {field: `${field}Text`, type: 'nominal'}},
      },
      ...(field === 'f1' ? bestMark(bestEpoch, color, muted) : []),
    ],
  });
  const values = history.map(({epoch, loss, f1}) => ({
    epoch,
    loss,
    f1,
    lossText: `epoch ${epoch}: loss ${loss.toFixed(4)}`,
    f1Text: `epoch ${epoch}: F1 ${(100 * f1).toFixed(2)} %`,
  }));
  return render(
    {
      data: {values},
      hconcat: [
        curve('loss', 'Loss on the training text', second, '.2~f', true),
        curve('f1', 'F1 on the dev text', accent, '.0%', false),
      ],
      spacing: 44,
    } as unknown as TopLevelSpec,
    theme,
  );
}

/** A ring around the epoch that was kept, and its F1. */
const bestMark = (epoch: number, color: string, muted: string) => [
  {
    transform: [{filter: `datum.epoch === ${epoch}`}],
    mark: {type: 'point', color, size: 190, strokeWidth: 1.5, opacity: 1},
  },
  {
    transform: [{filter: `datum.epoch === ${epoch}`}],
    mark: {type: 'text', dy: 20, align: 'right', dx: 8, color: muted, fontSize: 12},
    encoding: {text: {field: 'f1', type: 'quantitative', format: '.2%'}},
  },
];

/** Scores below are as sure to be no entity as this one. */
const LOWEST_SHOWN = -20;

/** For each type a map of the scores, start of the span down, end across; labelled spans are framed. */
export function spanScoreMap({tokens, cells}: SpanScores, theme: ThemeName): Promise<string> {
  const {negative, surface, positive, ink} = THEMES[theme];
  const types = [...new Set(cells.map(({type}) => type))];
  const lowest = Math.max(LOWEST_SHOWN, Math.min(-1, ...cells.map(({score}) => score)));
  const highest = Math.max(1, ...cells.map(({score}) => score));
  const values = cells.map(cell => ({
    ...cell,
    text: `${cell.type} “${tokens.slice(cell.start, cell.end + 1).join(' ')}”: ${cell.score.toFixed(2)}`,
  }));
  const side = Math.min(330, 26 * tokens.length);
  const axis = (title: string, extra: object) => ({
    type: 'ordinal',
    title,
    sort: tokens.map((_, i) => i),
    scale: {domain: tokens.map((_, i) => i), paddingInner: 0.06, paddingOuter: 0},
    axis: {labelExpr: `${JSON.stringify(tokens)}[datum.value]`, ticks: false, domain: false, labelLimit: 90, ...extra},
  });
  const map = (type: string) => ({
    title: {text: type, anchor: 'start'},
    width: side,
    height: side,
    transform: [{filter: `datum.type === ${JSON.stringify(type)}`}],
    encoding: {
      x: {field: 'end', ...axis('last token', {labelAngle: -60})},
      y: {field: 'start', ...axis('first token', {})},
    },
    layer: [
      {
        mark: {type: 'rect'},
        encoding: {
          description: {field: 'text', type: 'nominal'},
          color: {
            field: 'score',
            type: 'quantitative',
            scale: {domain: [lowest, 0, highest], range: [negative, surface, positive], clamp: true},
            legend: {title: 'score', orient: 'right', gradientLength: 150},
          },
        },
      },
      {
        transform: [{filter: 'datum.labelled'}],
        mark: {type: 'rect', fill: null, stroke: ink, strokeWidth: 1.6, cornerRadius: 2},
      },
    ],
  });
  return render({data: {values}, concat: types.map(map), columns: 2, spacing: 36} as unknown as TopLevelSpec, theme);
}

async function render(spec: TopLevelSpec, theme: ThemeName): Promise<string> {
  const {ink, muted, grid, font} = THEMES[theme];
  const config = {
    font,
    background: 'transparent',
    view: {stroke: null},
    title: {color: ink, fontSize: 13, fontWeight: 600, offset: 12},
    axis: {
      labelColor: muted,
      titleColor: muted,
      titleFontWeight: 400,
      labelFontSize: 11,
      titleFontSize: 11,
      gridColor: grid,
      domainColor: grid,
      tickColor: grid,
      labelPadding: 5,
    },
    legend: {labelColor: muted, titleColor: muted, titleFontWeight: 400},
  };
  const view = new View(parse(compile({...spec, config} as TopLevelSpec).spec), {renderer: 'none'});
  const svg = await view.toSVG();
  view.finalize();
  return withTooltips(svg).replace(/(\.\d\d)\d+/g, '$1');
}

/** Browsers show a `title` child where the pointer rests; vega writes the text as a label for screen readers only. */
function withTooltips(svg: string): string {
  return svg.replace(
    /<path aria-label="([^"]*)"([^>]*?)(?:\/>|><\/path>)/g,
    '<path aria-label="$1"$2><title>$1</title></path>',
  );
}
