import type {Random} from '../random.js';
import type {Settings} from '../settings.js';
import type {EncodedSentence, Table} from './encoder.js';

export type HidingSettings = Pick<Settings, 'forget' | 'hideTokens' | 'hideContext'>;

/**
 * The sentence with some values as UNKNOWN, drawn for each value of its tables, so that every feature that looks at a
 * hidden one sees it hidden. It teaches the model what to make of unknown values, and not to lean on single ones.
 */
export function hideValues(
  sentence: EncodedSentence,
  tables: readonly Table[],
  {forget, hideTokens, hideContext}: HidingSettings,
  random: Random,
): EncodedSentence {
  const hidden = sentence.tables.map((numbers, t) => {
    const {vocabulary} = tables[t];
    const always = t === 0 ? hideTokens : hideContext;
    return numbers.map(number => vocabulary.hide(number, always, forget, random));
  });
  return {...sentence, tables: hidden};
}
