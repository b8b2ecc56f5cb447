/** What is wrong in one line of a file. */
export interface Defect {
  /** Counted from 1. */
  line: number;
  reason: string;
}

const SHOWN = 5;

/** A file that cannot be used as it is: says which lines are malformed and why. */
export class DataError extends Error {
  override readonly name = 'DataError';

  constructor(
    readonly file: string,
    readonly defects: readonly Defect[],
  ) {
    const shown = defects.slice(0, SHOWN).map(({line, reason}) => `${file}:${line}: ${reason}`);
    const rest = defects.length - shown.length;
    super([...shown, ...(rest > 0 ? [`… and ${rest} more malformed lines in ${file}`] : [])].join('\n'));
  }
}
