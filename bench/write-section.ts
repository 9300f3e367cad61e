import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Section } from './section.ts';

const RESULTS = new URL('results.json', import.meta.url);
const PAGE = new URL('RESULTS.md', import.meta.url);
const [START, END] = ['<!-- results -->', '<!-- /results -->'];

/** Puts a section in place of the one it had before. The text of RESULTS.md around the tables stays. */
export function writeSection(name: string, section: Section, order: readonly string[]): void {
  const sections: Record<string, Section> = existsSync(RESULTS)
    ? JSON.parse(readFileSync(RESULTS, 'utf8'))
    : {};
  sections[name] = section;
  writeFileSync(RESULTS, `${JSON.stringify(sections, null, 2)}\n`);
  const tables = order.flatMap((name) => sections[name] ?? []).map(describeSection);
  const page = readFileSync(PAGE, 'utf8');
  const [before, rest] = page.split(START);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`bench/RESULTS.md must have ${START}, and ${END} after it`);
  writeFileSync(PAGE, `${before}${START}\n\n${tables.join('\n')}\n${END}${after}`);
}

function describeSection({ title, columns, rows, setting }: Section): string {
  const lines = [columns, columns.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return `## ${title}\n\n${lines.join('\n')}\n\nOn ${setting}.\n`;
}
