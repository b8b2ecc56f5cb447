/** Kernel name. */
export const CAUSAL_PRODUCT = 'AddonsCausalProduct';
