/** Line feed and printable ASCII. */
const CHARACTERS = `\n${Array.from({length: 95}, (_, i) => String.fromCharCode(32 + i)).join('')}`;
/** Stands for every other character. */
const OTHER = CHARACTERS.indexOf('?');
const CODES = new Map([...CHARACTERS].map((character, code) => [character, code]));

export const ALPHABET_SIZE = CHARACTERS.length;

export const encode = (text: string): Int32Array =>
  Int32Array.from([...text], character => CODES.get(character) ?? OTHER);
