/** How many spans were labelled, how many predicted, and how many of these are the same. */
export interface SpanCounts {
  correct: number;
  predicted: number;
  labelled: number;
}

export interface SpanScores {
  /** correct / predicted */
  precision: number;
  /** correct / labelled */
  recall: number;
  /** 2 correct / (predicted + labelled) */
  f1: number;
}

/** Nothing labelled and nothing predicted is perfect: 1. Otherwise a fraction of nothing is 0. */
export function spanScores({correct, predicted, labelled}: SpanCounts): SpanScores {
  if (predicted + labelled === 0) return {precision: 1, recall: 1, f1: 1};
  return {
    precision: predicted === 0 ? 0 : correct / predicted,
    recall: labelled === 0 ? 0 : correct / labelled,
    f1: (2 * correct) / (predicted + labelled),
  };
}
