/** Formulas of doc comments: paragraphs indented by two spaces, which Markdown would run together. */

const FORMULA = /(?<=^|\n\n)(?: {2,}\S.*(?:\n|$))+(?=\n|$)/g;

const ESCAPES = {'&': '&amp;', '<': '&lt;', '>': '&gt;'};

/** Markdown in which each formula is a block of its own, line by line, with indices and exponents set as such. */
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
    .map(part => (part.startsWith('`') ? `<code>${part.slice(1, -1)}</code>` : indices(part)))
    .join('');
  return '&emsp;'.repeat(Math.ceil(indent.length / 2)) + html.replace(/ {3,}/g, '&emsp;&emsp;');
}

const indices = text =>
  text
    .replace(/_(?:\{([^}]+)\}|([\p{L}\d]+))/gu, (_, braced, bare) => `<sub>${braced ?? bare}</sub>`)
    .replace(/\^(?:\{([^}]+)\}|(-?[\p{L}\d]+))/gu, (_, braced, bare) => `<sup>${braced ?? bare}</sup>`);
