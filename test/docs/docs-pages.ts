import { readdirSync, readFileSync } from 'node:fs';

const DOCS = new URL('../../docs/', import.meta.url);

/** Pages whose code is run by tests elsewhere. */
const ELSEWHERE = ['proxies.md'];

/** The pages of `docs/` that the tests of this folder hold. */
export const PAGES: readonly string[] = readdirSync(DOCS)
  .filter((file) => file.endsWith('.md') && !ELSEWHERE.includes(file))
  .sort();

/** A fenced block of a page: the language, and the name that follows it. */
export interface Block {
  readonly page: string;
  readonly language: string;
  readonly name: string;
  readonly text: string;
}

export function readPage(page: string): string {
  return readFileSync(new URL(page, DOCS), 'utf8');
}

/** All blocks of a page, in their order. Throws for a block without a name; only what is typed in a shell needs none. */
export function blocksOf(page: string): Block[] {
  return [...readPage(page).matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(([, info = '', text = '']) => {
    const [, language, name = ''] = /^(\w+)(?: ([\w.-]+))?$/.exec(info) ?? [];
    if (!language || (!name && language !== 'sh'))
      throw new Error(`a block of docs/${page} has no name: ${info}`);
    return { page, language, name, text };
  });
}

export function block(page: string, name: string): Block {
  const found = blocksOf(page).filter((each) => each.name === name);
  if (found.length !== 1) throw new Error(`docs/${page} has ${found.length} blocks "${name}"`);
  return found[0] as Block;
}

/** The text of a page without its blocks. */
export function proseOf(page: string): string {
  return readPage(page).replace(/^```.*\n[\s\S]*?^```$/gm, '');
}

/** The anchors of the headings of a page, as GitHub makes them. */
export function anchorsOf(markdown: string): string[] {
  return [...markdown.replace(/^```.*\n[\s\S]*?^```$/gm, '').matchAll(/^#+ (.*)$/gm)].map(([, text = '']) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The rows of the tables below a heading, up to the next heading: their cells, without the heads. */
export function rowsBelow(page: string, heading: string): string[][] {
  const [, section] = `\n${proseOf(page)}`.split(`\n${heading}\n`);
  if (section === undefined) throw new Error(`docs/${page} has no "${heading}"`);
  const [text = ''] = section.split(/^#+ /m);
  return [...text.matchAll(/^\|[^\n]*\n\|[-| ]+\|\n((?:\|.*\n?)+)/gm)].flatMap(([, rows = '']) =>
    rows
      .trim()
      .split('\n')
      .map((row) =>
        row
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      ),
  );
}
