import {words} from '../text/language.ts';
import {colourOf} from './colours.ts';
import {NewType} from './new_type.tsx';
import {correct, type MarkedSentence, marked, text} from './state/tagging.ts';
import {isNew, types} from './state/types.ts';
import {typeName} from './type_name.ts';

interface Selected {
  sentence: MarkedSentence;
  start: number;
  end: number;
}

/** The types: a legend of the colours, and buttons that mark the selected words. */
export function Corrections({selection}: {selection: [number, number]}) {
  const selected = tokensIn(selection);
  const mark = (type: string) => {
    if (selected !== undefined) correct(selected.sentence, {type, start: selected.start, end: selected.end});
  };
  return (
    <fieldset class="types">
      <legend>
        {selected === undefined
          ? selection[0] < selection[1]
            ? words().tooLong
            : words().selectFirst
          : words().markAs(textOf(selected))}
      </legend>
      {types.value.map(type => (
        <button
          type="button"
          key={type}
          class="type"
          style={{'--c': colourOf(type)}}
          title={isNew(type) ? words().newTypeHint : undefined}
          aria-disabled={selected === undefined}
          onClick={() => mark(type)}
        >
          <span class="dot" />
          {typeName(type)}
          {isNew(type) && <span class="new">{words().isNew}</span>}
        </button>
      ))}
      <NewType onName={mark} />
    </fieldset>
  );
}

/** The tokens that a selection touches, if they belong to one sentence. */
function tokensIn([from, to]: [number, number]): Selected | undefined {
  if (from === to) return undefined;
  for (const sentence of marked.value) {
    const touched = [...sentence.tokens.keys()].filter(
      i => sentence.tokens[i].start < to && sentence.tokens[i].end > from,
    );
    if (touched.length === 0) continue;
    const isInside = to <= sentence.end || text.value.slice(sentence.end, to).trim() === '';
    return isInside ? {sentence, start: touched[0], end: touched[touched.length - 1]} : undefined;
  }
  return undefined;
}

const textOf = ({sentence, start, end}: Selected): string =>
  text.value.slice(sentence.tokens[start].start, sentence.tokens[end].end);
