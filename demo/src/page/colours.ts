/** The colour of a type, one of those in style.css; types beyond the last begin again. */
export const colourOf = (types: readonly string[], type: string): string => `var(--t${types.indexOf(type) % COLOURS})`;

const COLOURS = 10;
