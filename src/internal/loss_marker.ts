/** Under this key a loss or metric of this package keeps its name and options. */
export const DESCRIPTION = Symbol.for('tfjs-addons.loss');

/** Whether the function is a loss or metric of this package. */
export const isDefinedLoss = (fn: object): boolean => DESCRIPTION in fn;
