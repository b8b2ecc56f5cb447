import {useSignal} from '@preact/signals';
import {spanKey} from 'entity-recogniser-example/src/data/sentence.ts';
import {useLayoutEffect, useRef, useState} from 'preact/hooks';

import {words} from '../text/language.ts';
import {type Bar, placeBars, rowsOf} from './bars.ts';
import {colourOf} from './colours.ts';
import {Corrections} from './corrections.tsx';
import {formatNumber} from './format.ts';
import {SpanDetails} from './span_details.tsx';
import {type MarkedSentence, marked, SAMPLES, tagging, text} from './state/tagging.ts';
import {typeName} from './type_name.ts';

const id = ({sentence, mark}: Bar): string => `${sentence.start} ${spanKey(mark)}`;

const NONE: readonly MarkedSentence[] = [];

/** The text with a bar under each entity, in rows where they lie inside one another. */
export function Editor() {
  const frame = useRef<HTMLDivElement>(null);
  const mirror = useRef<HTMLDivElement>(null);
  const [bars, setBars] = useState<Bar[]>([]);
  const [width, setWidth] = useState(0);
  const active = useSignal<string | null>(null);
  const selection = useSignal<[number, number]>([0, 0]);
  const shown = tagging.value?.text === text.value ? marked.value : NONE;
  const rows = Math.max(2, rowsOf(marked.value));

  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(entry.contentRect.width));
    observer.observe(frame.current!);
    void document.fonts.ready.then(() => setWidth(width => width + 0.001));
    return () => observer.disconnect();
  }, []);

  useLayoutEffect(() => {
    setBars(placeBars(mirror.current!.firstChild as Text, frame.current!, shown));
  }, [shown, width, rows]);

  const select = ({currentTarget: {selectionStart, selectionEnd}}: {currentTarget: HTMLTextAreaElement}) => {
    selection.value = [selectionStart, selectionEnd];
  };
  const count = shown.reduce((sum, {spans}) => sum + spans.length, 0);

  return (
    <section class="card editor" aria-labelledby="text-title">
      <h2 id="text-title">{words().text}</h2>
      <p class="hint">
        {words().textHint}
        <span class="samples">
          {SAMPLES.map((sample, i) => (
            <button type="button" class="quiet" key={sample} onClick={() => (text.value = sample)}>
              {i + 1}
              <span class="hidden"> {sample}</span>
            </button>
          ))}
        </span>
      </p>
      <div class="paper" ref={frame} style={{'--rows': rows}}>
        <div class="ink" ref={mirror} aria-hidden="true">{`${text.value}\u200b`}</div>
        <textarea
          class="ink"
          aria-labelledby="text-title"
          lang="en"
          spellcheck={false}
          autocomplete="off"
          value={text.value}
          onInput={({currentTarget: {value}}) => (text.value = value)}
          onSelect={select}
          onKeyUp={select}
        />
        <div class="bars">
          {bars.map(bar => (
            <BarButtons
              key={id(bar)}
              bar={bar}
              active={active.value === id(bar)}
              onActive={() => (active.value = id(bar))}
            />
          ))}
        </div>
      </div>
      <p class="hidden" role="status">
        {words().found(count)}
      </p>
      <SpanDetails bar={bars.find(bar => id(bar) === active.value)} />
      <Corrections selection={selection.value} />
    </section>
  );
}

interface BarProps {
  bar: Bar;
  active: boolean;
  onActive(): void;
}

/** One bar for each line that the span runs over; the first of them can be reached with the keyboard. */
function BarButtons({bar, active, onActive}: BarProps) {
  const {mark, sentence, row, pieces} = bar;
  const name = typeName(mark.type);
  const score = mark.score === undefined ? undefined : formatNumber(mark.score, 1);
  const covered = text.value.slice(sentence.tokens[mark.start].start, sentence.tokens[mark.end].end);
  return pieces.map(({left, top, width}, i) => (
    <button
      type="button"
      key={`${i} ${top}`}
      class={`bar ${mark.kind} ${active ? 'active' : ''}`}
      style={{
        left: `${left}px`,
        top: `${top}px`,
        width: `${width}px`,
        '--row': row,
        '--c': colourOf(mark.type),
      }}
      tabIndex={i === 0 ? 0 : -1}
      aria-hidden={i > 0}
      aria-label={words().barLabel(covered, name, words().kinds[mark.kind], score)}
      aria-pressed={active}
      data-tip={score === undefined ? words().kinds.missed : `${name} · ${score}`}
      onFocus={onActive}
      onPointerEnter={onActive}
      onClick={onActive}
    >
      <span class="name">{i === 0 ? name : ''}</span>
    </button>
  ));
}
