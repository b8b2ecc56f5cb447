import {Figure} from './figure.tsx';
import {formatNumber} from './format.ts';

export interface Cell {
  row: number;
  column: number;
  value: number;
  /** Opacity of the cell, in [0, 1]. */
  strength: number;
}

export interface HeatMapProps {
  label: string;
  tokens: readonly string[];
  cells: readonly Cell[];
  colour: string;
  rowTitle: string;
  columnTitle: string;
}

const LONGEST = 14;

/** A square for each pair of tokens. */
export function HeatMap({label, tokens, cells, colour, rowTitle, columnTitle}: HeatMapProps) {
  const shorten = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);
  const ticks = {domain: [...tokens.keys()], tickFormat: (i: number) => shorten(tokens[i]), tickSize: 0, label: null};
  return (
    <Figure
      label={label}
      data={[cells, colour, rowTitle]}
      options={(plot, width) => {
        const longest = Math.max(...tokens.map(token => shorten(token).length));
        const margin = 16 + Math.min(96, Math.max(30, longest * 6.6));
        const right = overhang(tokens.map(shorten), (width - margin) / tokens.length);
        const size = Math.max(10, Math.min(34, (width - margin - right) / tokens.length));
        return {
          width: margin + size * tokens.length + right,
          height: margin + size * tokens.length + 8,
          marginTop: margin,
          marginLeft: margin,
          marginRight: right,
          marginBottom: 8,
          padding: 0.06,
          style: {background: 'none', fontSize: `${Math.max(9, Math.min(12.5, size * 0.62))}px`, overflow: 'visible'},
          x: {...ticks, axis: 'top', tickRotate: -55},
          y: ticks,
          opacity: {type: 'identity'},
          marks: [
            plot.cell(cells as Cell[], {
              x: 'column',
              y: 'row',
              fill: colour,
              fillOpacity: 'strength',
              channels: {
                [rowTitle]: ({row}: Cell) => tokens[row],
                [columnTitle]: ({column}: Cell) => tokens[column],
                value: ({value}: Cell) => formatNumber(value, 2),
              },
              tip: {format: {x: false, y: false, fillOpacity: false}},
            }),
          ],
        };
      }}
    />
  );
}

/** How far the slanted words above the last columns reach beyond them, in pixels. */
const overhang = (words: readonly string[], size: number): number =>
  Math.max(8, ...words.map((word, i) => 3.8 * word.length - (words.length - 1 - i) * size));
