// Builds the package twice from the same source, as ES modules and as CommonJS, with types for both.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');

function compile(outDir, ...options) {
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', outDir, ...options], {
    stdio: 'inherit',
  });
}

// Built beside dist and put in its place at the end, so that what reads dist meanwhile finds it whole.
const next = `dist.next-${process.pid}`;
rmSync(next, { recursive: true, force: true });
compile(`${next}/esm`);
compile(
  `${next}/cjs`,
  ...['--module', 'commonjs', '--moduleResolution', 'node10', '--verbatimModuleSyntax', 'false'],
);
// Node, and TypeScript, take the files of a folder for what its nearest package.json says.
mkdirSync(`${next}/cjs`, { recursive: true });
writeFileSync(`${next}/cjs/package.json`, '{ "type": "commonjs" }\n');
copyFileSync('src/openapi.json', `${next}/openapi.json`);
rmSync('dist', { recursive: true, force: true });
renameSync(next, 'dist');
