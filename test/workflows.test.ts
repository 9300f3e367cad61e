import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = new URL('../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');
const run = (program: string, ...args: string[]) =>
  execFileSync(program, args, { cwd: ROOT, encoding: 'utf8', timeout: 50_000 });

const workflows = readdirSync(new URL('.github/workflows/', ROOT)).map(
  (name) => [name, read(`.github/workflows/${name}`)] as const,
);
const ci = read('.github/workflows/ci.yml');
const ciRun = read('.ci/run');
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

  it('publish only after .ci/run', () => {
    const release = read('.github/workflows/release.yml');
    expect(release).toContain('uses: ./.github/workflows/ci.yml');
    expect(release).toMatch(/^ {2}publish:\n {4}needs: ci$/m);
  });
});

describe('.ci/run', () => {
  it('runs the tests, the long tests and every check of package.json', () => {
    const commands = [...ciRun.matchAll(/^(?:tests|npm) (?:run )?(?:--silent )?([\w:-]+)/gm)].map(
      ([, command]) => command,
    );
    expect(commands).toEqual([
      'ci',
      'test',
      'test:long',
      'lint',
      'typecheck',
      'bench:prepare',
      'package-check',
    ]);
  });

  it('leaves out no test file', () => {
    const { scripts } = packageJson;
    const filters = (script: string) => script.split(' && ').filter((part) => part.includes('vitest run'));
    const run = [scripts.test, scripts['pretest:long'], scripts['test:long']].flatMap(filters);
    const projects = run.flatMap((part) => [...part.matchAll(/--project (\w+)/g)].map(([, name]) => name));
    const known = [...new Set(listed().map(({ projectName }) => projectName))].sort();
    expect([...new Set(projects)].sort()).toEqual(known);

    const files = readdirSync(new URL('test/', ROOT), { recursive: true, encoding: 'utf8' });
    const tests = files.filter((file) => file.endsWith('.test.ts')).map((file) => `test/${file}`);
    expect([...new Set(listed().map(({ file }) => file))].sort()).toEqual(tests.sort());
  });

  it('adds up the tests that have passed, in the last line', () => {
    const [, program = ''] = /^awk '([^']*)'/m.exec(ciRun) ?? [];
    const output = ' Test Files  2 passed (2)\n      Tests  1 failed | 40 passed | 3 skipped (44)\n';
    const sum = execFileSync('awk', [program], { input: `${output}      Tests  2 passed (2)\n` });
    expect(String(sum)).toBe('      Tests  42 passed (42)\n');
  });
});

describe('the repository', () => {
  it('names the host of no package registry', () => {
    const files = run('git', 'ls-files', '-z').split('\0').filter(Boolean);
    expect(files.length).toBeGreaterThan(100);
    const naming = files.filter((file) =>
      /registry\.(?:npmjs|yarnpkg|npmmirror)\.|npm\.pkg\.github\./.test(read(file)),
    );
    expect(naming).toEqual([]);
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

  it('names every command of package.json, and no other', () => {
    const contributing = read('CONTRIBUTING.md');
    const byThemselves = /^(?:pre|post)|^lint:|:prepare$/;
    const commands = Object.keys(packageJson.scripts).filter((name) => !byThemselves.test(name));
    const named = [...contributing.matchAll(/(?:`|^|&& )(?:\w+=\w+ )*npm (?:run )?([\w:-]+)/gm)].map(
      ([, name]) => name,
    );
    expect([...new Set(named)].filter((name) => name !== 'ci').sort()).toEqual(commands.sort());
  });
});

let files: { file: string; projectName: string }[] | undefined;

/** The test files of all projects, as Vitest finds them. */
function listed(): { file: string; projectName: string }[] {
  if (!files) {
    const json = run(process.execPath, 'node_modules/vitest/vitest.mjs', 'list', '--filesOnly', '--json');
    const root = fileURLToPath(ROOT);
    files = (JSON.parse(json) as { file: string; projectName: string }[]).map(({ file, projectName }) => ({
      file: file.replace(root, ''),
      projectName,
    }));
  }
  return files;
}
