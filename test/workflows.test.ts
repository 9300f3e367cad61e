import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const ROOT = new URL('../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');

const workflows = readdirSync(new URL('.github/workflows/', ROOT)).map(
  (name) => [name, read(`.github/workflows/${name}`)] as const,
);
const ci = read('.github/workflows/ci.yml');
const packageJson = JSON.parse(read('package.json'));

describe('the workflows', () => {
  it.each(workflows)('%s uses actions by their commit only, and says which version that is', (_, text) => {
    const used = [...text.matchAll(/\buses: (.*)/g)].map(([, action = '']) => action);
    expect(used.length).toBeGreaterThan(0);
    for (const action of used)
      expect(action).toMatch(
        /^(?:\.\/\.github\/workflows\/[\w-]+\.yml|[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/,
      );
  });

  it.each(workflows)('%s is given no more than it needs', (name, text) => {
    expect(text).toMatch(/^permissions:(?: \{\}|\n {2}contents: read\n\n)/m);
    const writes = [...text.matchAll(/^\s+([\w-]+): write$/gm)].map(([, scope]) => scope);
    expect(writes).toEqual(name === 'release.yml' ? ['id-token'] : []);
    expect(text).not.toContain('secrets.');
    expect(text.match(/persist-credentials: false/g)).toHaveLength(
      text.match(/actions\/checkout@/g)?.length ?? 0,
    );
  });

  it('run .ci/run and nothing else, on the versions of Node that npm run test:nodes has', () => {
    expect([...ci.matchAll(/- run: (.*)/g)].map(([, command]) => command)).toEqual(['.ci/run']);
    const [, inScript] = /: \[('20[^\]]*)\]/.exec(read('scripts/test-nodes.mjs')) ?? [];
    const [, inWorkflow] = /node: \[([^\]]*)\]/.exec(ci) ?? [];
    expect(inWorkflow).toBe(inScript);
    expect(packageJson.engines.node).toBe(`>=${inWorkflow?.split(',')[0]?.replaceAll("'", '')}`);
  });
});

describe('CONTRIBUTING', () => {
  it('says of each run-time dependency why it is there', () => {
    const [, section = ''] = read('CONTRIBUTING.md').split('## Run-time dependencies\n');
    const [table = ''] = section.split('\n## ');
    const reasons = [...table.matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)];
    expect(reasons.map(([, name]) => name)).toEqual(Object.keys(packageJson.dependencies));
    for (const [, , reason = ''] of reasons) expect(reason.length).toBeGreaterThan(40);
  });

  it('names every command of package.json', () => {
    const contributing = read('CONTRIBUTING.md');
    const byThemselves = /^(?:pre|post)[a-z]+$|^lint:|:prepare$/;
    const commands = Object.keys(packageJson.scripts).filter((name) => !byThemselves.test(name));
    const missing = commands.filter(
      (name) => !contributing.includes(`\`npm ${/^(?:test|start)$/.test(name) ? name : `run ${name}`}`),
    );
    expect(missing).toEqual([]);
  });
});
