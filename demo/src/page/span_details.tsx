import {words} from '../text/language.ts';
import type {Bar} from './bars.ts';
import {colourOf} from './colours.ts';
import {formatNumber} from './format.ts';
import {correct, text} from './state/tagging.ts';
import {typeName} from './type_name.ts';

/** The span under the pointer or the focus: its score, and a way to say that it is none. */
export function SpanDetails({bar}: {bar?: Bar}) {
  if (bar === undefined) return <p class="details hint">{words().chooseSpan}</p>;
  const {mark, sentence} = bar;
  const covered = text.value.slice(sentence.tokens[mark.start].start, sentence.tokens[mark.end].end);
  return (
    <p class="details" style={{'--c': colourOf(mark.type)}}>
      <span class="dot" />
      <strong>{covered}</strong>
      <span>{typeName(mark.type)}</span>
      <span class="muted" title={words().scoreHint}>
        {mark.score === undefined ? words().kinds.missed : `${words().score} ${formatNumber(mark.score, 2)}`}
      </span>
      <button type="button" class="quiet" onClick={() => correct(sentence, mark)}>
        {mark.kind === 'wrong' ? words().restore : words().remove}
      </button>
    </p>
  );
}
