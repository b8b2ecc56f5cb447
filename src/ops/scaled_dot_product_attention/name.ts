/** Kernel name. */
export const SCALED_DOT_PRODUCT_ATTENTION = 'AddonsScaledDotProductAttention';
