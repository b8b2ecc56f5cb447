/** Kernel name. */
export const ROTARY_EMBEDDING = 'AddonsRotaryEmbedding';
