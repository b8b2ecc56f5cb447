/** Formulas of doc comments: paragraphs indented by two spaces, which Markdown would run together. */

const FORMULA = /(?<=^|\n\n)(?: {2,}\S.*(?:\n|$))+(?=\n|$)/g;

const ESCAPES = {'&': '&amp;', '<': '&lt;', '>': '&gt;'};

/** Markdown in which each formula is a block of its own, line by line, set as formulas are. */
export function typesetFormulas(markdown) {
  return markdown.replace(
    FORMULA,
    block => `<div class="formula">${block.trimEnd().split('\n').map(line).join('<br>')}</div>\n`,
  );
}

function line(text) {
  const [, indent, formula] = text.match(/^ {2}( *)(.*)$/);
  const html = formula
    .replace(/[&<>]/g, character => ESCAPES[character])
    .split(/(`[^`]*`)/)
    .map(part => (part.startsWith('`') ? `<code>${part.slice(1, -1)}</code>` : typeset(part)))
    .join('');
  return '&emsp;'.repeat(Math.ceil(indent.length / 2)) + html.replace(/ {3,}/g, '&emsp;&emsp;');
}

/** Weights and scales are written without a mark before their index: Wq, bq_h, γk. */
const WEIGHT = /(?<!\p{L})(W|b|γ|β)(?!y\b)([a-zγβ]{1,2})(?:_(\p{Ll}))?(?![\p{L}_])/gu;

const typeset = text => italic(indices(text.replace(WEIGHT, (_, name, index, of = '') => `${name}_{${index}${of}}`)));

/** Modifier letters, as in v_jᵀ, are no part of the index before them. */
const indices = text =>
  text
    .replace(/_(?:\{([^}]+)\}|((?:(?!\p{Lm})[\p{L}\d])+))/gu, (_, braced, bare) => `<sub>${braced ?? bare}</sub>`)
    .replace(
      /\^(?:\{([^}]+)\}|\(([^()]+)\)|(-?(?:(?!\p{Lm})[\p{L}\p{N}])+))/gu,
      (_, ...parts) => `<sup>${parts.find(Boolean)}</sup>`,
    );

/** Single letters are variables, but for capital Greek ones and the article. */
const VARIABLE = /<[^>]+>|&\w+;|(?<!\p{L}|\p{M})(?!a \p{L}{2})[A-Za-zỹα-ω]\p{M}?(?!(?!\p{Lm})\p{L})/gu;

const italic = html => html.replace(VARIABLE, found => (/^[<&]/.test(found) ? found : `<i>${found}</i>`));
