import type {Span} from './sentence.js';

/**
 * Ways to write spans as one tag a token. B begins a span, I (M) goes on, E (L) ends it, S (U) is a span of one token,
 * O is outside. In `iob1`, of the first CoNLL files, B is used only between two adjacent spans of one type.
 */
export type TagScheme = 'iob1' | 'bio' | 'bioes' | 'bmes' | 'bilou';

/** A tag in parts, as written in the file. */
export interface Tag {
  prefix: string;
  type: string;
}

/** A token whose tag cannot follow the one before it. */
export interface Slip {
  token: number;
  reason: string;
}

const OUTSIDE: Tag = {prefix: 'O', type: ''};

/** `B-ORG` or `B_ORG` in parts, and `O`. Undefined for anything else. */
export function parseTag(text: string): Tag | undefined {
  if (text === 'O') return OUTSIDE;
  const match = /^([BIMELSU])[-_](.+)$/u.exec(text);
  return match ? {prefix: match[1], type: match[2]} : undefined;
}

/** The scheme that a file's tags belong to. */
export function detectScheme(sentences: readonly (readonly Tag[])[]): TagScheme {
  const prefixes = new Set(sentences.flatMap(tags => tags.map(({prefix}) => prefix)));
  if (prefixes.has('M')) return 'bmes';
  if (prefixes.has('L') || prefixes.has('U')) return 'bilou';
  if (prefixes.has('E') || prefixes.has('S')) return prefixes.has('I') ? 'bioes' : 'bmes';
  return isIob1(sentences) ? 'iob1' : 'bio';
}

/** Some span begins with I, and B stands only where IOB1 needs it. */
function isIob1(sentences: readonly (readonly Tag[])[]): boolean {
  let beginsWithI = false;
  for (const tags of sentences) {
    for (const [i, {prefix, type}] of tags.entries()) {
      const goesOn = i > 0 && tags[i - 1].prefix !== 'O' && tags[i - 1].type === type;
      if (prefix === 'B' && !goesOn) return false;
      if (prefix === 'I' && !goesOn) beginsWithI = true;
    }
  }
  return beginsWithI;
}

/** The prefixes of a scheme: what goes on, and what ends a span or is one by itself where the scheme marks that. */
const PREFIXES: Record<TagScheme, {middle: string; last?: string; single?: string}> = {
  iob1: {middle: 'I'},
  bio: {middle: 'I'},
  bioes: {middle: 'I', last: 'E', single: 'S'},
  bmes: {middle: 'M', last: 'E', single: 'S'},
  bilou: {middle: 'I', last: 'L', single: 'U'},
};

/** Whether a tag can occur in the scheme at all. */
export function belongsTo({prefix}: Tag, scheme: TagScheme): boolean {
  const {middle, last, single} = PREFIXES[scheme];
  return prefix === 'O' || prefix === 'B' || prefix === middle || prefix === last || prefix === single;
}

/**
 * The spans of one sentence and where its tags are out of order. There the spans are those that CoNLL's scorer sees:
 * one that is not ended ends before the next tag, one that is not begun begins at its first token.
 */
export function spansOfTags(tags: readonly Tag[], scheme: TagScheme): {spans: Span[]; slips: Slip[]} {
  const {middle, last, single} = PREFIXES[scheme];
  const spans: Span[] = [];
  const slips: Slip[] = [];
  let open: Span | undefined;
  const close = (token: number, before: string): void => {
    if (!open) return;
    if (last)
      slips.push({
        token,
        reason: `the ${open.type} that began ${distance(token - open.start)} earlier has no ${last} before ${before}`,
      });
    spans.push(open);
    open = undefined;
  };
  for (const [token, {prefix, type}] of tags.entries()) {
    const written = prefix === 'O' ? 'O' : `${prefix}-${type}`;
    const goesOn = prefix === middle || prefix === last;
    if (goesOn && open?.type === type) {
      open.end = token;
    } else {
      if (goesOn && scheme !== 'iob1') {
        slips.push({
          token,
          reason: `${written} goes on with a span, but ${open ? `the open one is of type ${open.type}` : 'none is open'}`,
        });
      }
      close(token, written);
      if (prefix !== 'O') open = {type, start: token, end: token};
    }
    if (open && (prefix === last || prefix === single)) {
      spans.push(open);
      open = undefined;
    }
  }
  close(tags.length, 'the end of the sentence');
  return {spans, slips};
}

const distance = (tokens: number): string => (tokens === 1 ? '1 token' : `${tokens} tokens`);
