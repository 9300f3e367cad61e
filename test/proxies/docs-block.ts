import { readFileSync } from 'node:fs';

/** A fenced block of docs/proxies.md: the language, and the name that follows it. */
export interface Block {
  readonly language: string;
  readonly name: string;
  readonly text: string;
}

/** All of them, in their order. Throws for a block without a name. */
export function docsBlocks(): Block[] {
  const page = readFileSync(new URL('../../docs/proxies.md', import.meta.url), 'utf8');
  return [...page.matchAll(/^```(.+)\n([\s\S]*?)^```$/gm)].map(([, info = '', text = '']) => {
    const [, language, name] = /^(\w+) ([\w-]+)$/.exec(info) ?? [];
    if (!language || !name) throw new Error(`a block of docs/proxies.md has no name: ${info}`);
    return { language, name, text };
  });
}

/** One block, with what this machine needs instead of what the docs have. */
export function docsBlock(language: string, name: string, replacements: Record<string, string> = {}): string {
  const block = docsBlocks().find((each) => each.language === language && each.name === name);
  if (!block) throw new Error(`docs/proxies.md has no block "${language} ${name}"`);
  return Object.entries(replacements).reduce(replaceOnce, block.text);
}

/** `text` with `addition` after the one line that is `line`, as a reader of the docs would paste it there. */
export function addAfter(text: string, line: string, addition: string): string {
  return replaceOnce(text, [`${line}\n`, `${line}\n${addition}\n`]);
}

function replaceOnce(text: string, [from, to]: [string, string]): string {
  const parts = text.split(from);
  if (parts.length !== 2) throw new Error(`expected once in this configuration: ${from}\n${text}`);
  return parts.join(to);
}
