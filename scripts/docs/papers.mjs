/** arXiv numbers of doc comments as links to the papers. */
export const linkPapers = markdown =>
  markdown.replace(/(?<!\[)\barXiv:(\d{4}\.\d{4,5})/g, '[$&](https://arxiv.org/abs/$1)');
