import type {GrowthPass, GrowthResult} from './growth.js';

/** A length a line, then the exponents; a dash where a rival would take too much memory. */
export function growthTable(name: string, {title, passes}: GrowthResult): string {
  const tables = Object.entries(passes).map(([pass, result]) => passTable(pass, result));
  return [`${name}: ${title}`, ...tables].join('\n');
}

function passTable(pass: string, {points, exponents}: GrowthPass): string {
  const programs = Object.keys(exponents);
  const cells = (values: Record<string, number>, digits: number, unit: number) =>
    programs.map(program => (values[program] === undefined ? '–' : (values[program] / unit).toFixed(digits)));
  const rows = [
    [pass, ...programs.map(program => `${program} ms`), ...programs.map(program => `${program} MB`)],
    ...points.map(({length, milliseconds, peakBytes}) => [
      String(length),
      ...cells(milliseconds, 2, 1),
      ...cells(peakBytes, 2, 1e6),
    ]),
    [
      'exponent',
      ...programs.map(program => exponents[program].milliseconds.toFixed(2)),
      ...programs.map(program => exponents[program].peakBytes.toFixed(2)),
    ],
  ];
  const line = (row: string[]) => `  ${row.map((cell, i) => (i === 0 ? cell.padEnd(10) : cell.padStart(16))).join('')}`;
  return rows.map(line).join('\n');
}
