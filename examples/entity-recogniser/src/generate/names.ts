import type {Random} from '../random.js';

/**
 * Beginnings and ends of names. Every pair of them makes a name that may be a surname, a town or a company
 * ("Thornbury"), so that only its surroundings tell which.
 */
const BEGINNINGS = words(`
  Ash Brack Brook Cald Cres Dun Ed Els Fair Fen Gar Hart Hol Ing Kel Kirk Lang Lind Mal Mar Nor Oak Pem
  Rad Rom Sal Stan Thorn Tren Wal Wen Whit Win Wood`);
const ENDS = words(`
  borne bury by combe dale den don field ford gate grove ham hurst ley low mere more mouth ridge shaw stead
  stow ton well wick worth`);

/** First names; those of the second group are words of their own when they are not names. */
const GIVEN_NAMES = words(`
  Aisha Alma Amir Anna Anton Beatriz Boris Carla Chen Clara Dana David Diego Elena Emeka Erik Esther Farah Felix
  Femi Greta Hana Hugo Ida Ines Isaac Ivan Jonas Julia Kofi Lara Leila Leo Lucia Magda Marco Mei Milan Nadia Nils
  Noor Olga Omar Oscar Paula Peter Priya Rafael Rosa Samira Simon Sofia Tariq Teresa Thomas Vera Viktor Yusuf Zoe
  April Bill Dawn Drew Earnest Faith Frank Grace Grant Harmony Hope Jack Joy June Mark May Mercy Miles Norm Pat
  Patience Ray Rich Rob Rose Ruby Sky Summer Sue Victor Ward Will`);

/** Names of products, all of them ordinary words as well. */
const PRODUCT_NAMES = words(`
  Anchor Arrow Atlas Badger Beacon Breeze Canyon Cedar Cobalt Comet Compass Coral Crystal Dart Drift Eagle Echo Ember
  Falcon Fern Flint Forge Glacier Granite Harbour Heron Horizon Iris Jasper Lantern Leaf Lynx Magnet Marble Mosaic
  Nova Orbit Otter Pebble Pilot Prism Pulse Quartz Raven Ripple River Rocket Saddle Shadow Signal Spark Sparrow
  Stream Summit Swift Tempest Thistle Torch Vault Willow`);

/** What names are made of in one part of the data. */
export interface NamePool {
  stem: string[];
  given: string[];
  productName: string[];
}

/** Three pools without a common name, so that none of the names of dev and test is seen in training. */
export function splitNames(random: Random): {train: NamePool; dev: NamePool; test: NamePool} {
  const stems = BEGINNINGS.flatMap(beginning => ENDS.map(end => beginning + end)).filter(stem => !/(.)\1\1/.test(stem));
  const [stem, given, productName] = [stems, GIVEN_NAMES, PRODUCT_NAMES].map(list => divide(random.shuffle(list)));
  const pool = (part: 0 | 1 | 2): NamePool => ({stem: stem[part], given: given[part], productName: productName[part]});
  return {train: pool(0), dev: pool(1), test: pool(2)};
}

/** Three fifths, one fifth and one fifth. */
function divide(list: readonly string[]): [string[], string[], string[]] {
  const [first, second] = [Math.round(0.6 * list.length), Math.round(0.8 * list.length)];
  return [list.slice(0, first), list.slice(first, second), list.slice(second)];
}

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}
