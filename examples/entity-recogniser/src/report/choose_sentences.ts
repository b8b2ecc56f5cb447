import {type Sentence, type Span, spanKey} from '../data/sentence.js';
import type {TaggedSentence} from './tagged_html.js';

const SHOWN = 8;
const WITH_MISTAKES = 2;
const LONGEST_SHOWN = 60;
/** A map is easier to read the fewer tokens it has. */
const COST_OF_A_TOKEN = 0.5;

/** Sentences worth looking at: with many entities, nested where there are such, and some on which the model errs. */
export function chooseTagged(sentences: readonly Sentence[], predicted: readonly Span[][]): TaggedSentence[] {
  const all = tagged(sentences, predicted).filter(({tokens}) => tokens.length <= LONGEST_SHOWN);
  const byInterest = [...all].sort((a, b) => interest(b) - interest(a));
  const wrong = byInterest.filter(sentence => !isRight(sentence)).slice(0, WITH_MISTAKES);
  const right = byInterest.filter(isRight).slice(0, SHOWN - wrong.length);
  return [...right, ...wrong];
}

/** One sentence whose span scores are drawn: short, understood, with nested entities of several types. */
export function chooseMapped(sentences: readonly Sentence[], predicted: readonly Span[][]): TaggedSentence {
  const rank = (sentence: TaggedSentence): number =>
    interest(sentence) + (isRight(sentence) ? 10 : 0) - COST_OF_A_TOKEN * sentence.tokens.length;
  return tagged(sentences, predicted).reduce((best, other) => (rank(other) > rank(best) ? other : best));
}

function tagged(sentences: readonly Sentence[], predicted: readonly Span[][]): Required<TaggedSentence>[] {
  return sentences.map(({tokens, spans}, i) => ({tokens, labelled: spans, predicted: predicted[i]}));
}

/** Of what is labelled: a model that has learnt little finds all sorts of things. */
function interest({labelled = []}: TaggedSentence): number {
  const nested = labelled.filter(a => labelled.some(b => b !== a && b.start <= a.start && a.end <= b.end));
  return labelled.length + 2 * nested.length + new Set(labelled.map(({type}) => type)).size;
}

function isRight({predicted, labelled}: TaggedSentence): boolean {
  const keys = new Set((labelled ?? []).map(spanKey));
  return predicted.length === keys.size && predicted.every(span => keys.has(spanKey(span)));
}
