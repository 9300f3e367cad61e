// Runs the tests, all but the faults, on other versions of Node, which npm has as packages:
// npm run test:nodes [-- 24 26.1.0 --project package]
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const isVersion = (arg) => /^\d+(?:\.\d+)*$/.test(arg);
const args = process.argv.slice(2);
const asked = args.filter(isVersion);
const versions = asked.length > 0 ? asked : ['20.19.0', '22', '24', '26'];
const vitestArgs = args.filter((arg) => !isVersion(arg));
const projects = vitestArgs.length > 0 ? vitestArgs : ['--project=!faults'];
const reports = mkdtempSync(join(tmpdir(), 'test-nodes-'));

/** Runs Node of a version, its output to the terminal, and resolves to the exit code. */
function runNode(version, nodeArgs) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ALL_VARIANTS: '1' };
    const node = spawn('npx', ['-y', `node@${version}`, ...nodeArgs], { stdio: 'inherit', env });
    node.on('error', reject);
    node.on('close', resolve);
  });
}

async function testOn(version) {
  console.log(`\n— Node ${version} —`);
  const report = join(reports, `${version}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...reporters];
  const code = await runNode(version, [...vitest, ...projects]);
  return { node: version, result: code === 0 ? 'passed' : 'FAILED', ...counts(report) };
}

/** Nothing if Vitest did not come so far as to write its report. */
function counts(report) {
  try {
    const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, 'utf8'));
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests };
  } catch {
    return {};
  }
}

const rows = [];
for (const version of versions) rows.push(await testOn(version));
rmSync(reports, { recursive: true });
console.table(rows);
process.exitCode = rows.every(({ result }) => result === 'passed') ? 0 : 1;
