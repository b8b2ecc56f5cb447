import {types} from './state/types.ts';

/** The colour of a type, one of those in style.css; types beyond the last begin again. */
export const colourOf = (type: string): string => `var(--t${types.value.indexOf(type) % COLOURS})`;

const COLOURS = 10;
