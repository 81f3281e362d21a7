/** HTML: blocks become lines, headings stay headings, everything that is not text is removed. */
import { type DefaultTreeAdapterTypes, parse } from 'parse5';
import type { SourceLine } from './plain.ts';

type Node = DefaultTreeAdapterTypes.Node;

const SILENT = new Set([
  'script',
  'style',
  'head',
  'noscript',
  'template',
  'svg',
  'nav',
  'footer',
  'form',
  'button',
  'iframe',
]);
const BLOCKS = new Set(
  'p div h1 h2 h3 h4 h5 h6 li ul ol table tr section article main header aside blockquote figure figcaption dl dt dd pre hr body html'.split(
    ' ',
  ),
);

/** The lines of a page, each with the source line where it begins. */
export function readHtml(source: string): SourceLine[] {
  const page = new PageReader();
  page.visit(parse(source, { sourceCodeLocationInfo: true }));
  return page.finish();
}

class PageReader {
  readonly #lines: SourceLine[] = [];
  #text = '';
  #sourceLine = 1;

  visit(node: Node): void {
    const { nodeName: name } = node;
    if (SILENT.has(name)) return;
    if (name === '#text') this.#addText(node);
    if (name === 'br') this.#close();
    if (name === 'td' || name === 'th') this.#text += ' ';
    const isBlock = BLOCKS.has(name);
    if (isBlock) this.#closeParagraph();
    const level = /^h([1-6])$/.exec(name)?.[1];
    if (level !== undefined) this.#text = `${'#'.repeat(Number(level))} `;
    if ('childNodes' in node) for (const child of node.childNodes) this.visit(child);
    if (isBlock) this.#closeParagraph();
  }

  finish(): SourceLine[] {
    this.#closeParagraph();
    return this.#lines;
  }

  #addText(node: Node): void {
    if (!('value' in node)) return;
    if (this.#text.trim() === '') this.#sourceLine = node.sourceCodeLocation?.startLine ?? this.#sourceLine;
    this.#text += node.value;
  }

  #close(): boolean {
    const text = this.#text.replaceAll(/\s+/g, ' ').trim();
    this.#text = '';
    if (text === '' || /^#+$/.test(text)) return false;
    this.#lines.push({ text, sourceLine: this.#sourceLine });
    return true;
  }

  #closeParagraph(): void {
    if (this.#close()) this.#lines.push({ text: '', sourceLine: this.#sourceLine });
  }
}
