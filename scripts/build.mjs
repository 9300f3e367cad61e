// Builds the package as ES modules and as CommonJS. Both share the declarations of the CommonJS build: an ES module may import those,
// and a CommonJS module could not import the others. Comments are in the declarations, not a second and third time in the code.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const COMMONJS = ['--module', 'commonjs', '--moduleResolution', 'node10', '--verbatimModuleSyntax', 'false'];

/** Checks the types of the whole source and writes the declarations. Resolves to tsc's exit code. */
async function writeDeclarations(outDir) {
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
  const args = [tsc, '-p', 'tsconfig.build.json', '--outDir', outDir, '--emitDeclarationOnly', ...COMMONJS];
  const [code] = await once(spawn(process.execPath, args, { stdio: 'inherit' }), 'close');
  return code;
}

/** File by file, which `isolatedModules` allows. */
function writeCode(outDir, module) {
  const { target } = ts.readConfigFile('tsconfig.json', ts.sys.readFile).config.compilerOptions;
  const compilerOptions = { target, module, esModuleInterop: true, removeComments: true };
  for (const file of readdirSync('src', { recursive: true }).filter((name) => name.endsWith('.ts'))) {
    const { outputText } = ts.transpileModule(readFileSync(join('src', file), 'utf8'), { compilerOptions });
    const output = join(outDir, file.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(output), { recursive: true });
    writeFileSync(output, outputText);
  }
}

/** Declarations for each entry of the ES modules: those of the CommonJS build. */
function shareDeclarations(folder) {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8'));
  for (const { import: entry } of Object.values(exports)) {
    if (!entry) continue;
    const file = entry.types.replace('./dist/esm/', '');
    const up = '../'.repeat(file.split('/').length);
    const text = `export * from '${up}cjs/${file.replace(/\.d\.ts$/, '.js')}';\n`;
    writeFileSync(join(folder, 'esm', file), text);
  }
}

// Built next to dist, which it replaces at the end, so that whoever reads dist meanwhile finds it whole.
const next = `dist.next-${process.pid}`;
rmSync(next, { recursive: true, force: true });
const checked = writeDeclarations(`${next}/cjs`);
writeCode(`${next}/cjs`, 'commonjs');
writeCode(`${next}/esm`, 'esnext');
shareDeclarations(next);
// Node and TypeScript read the kind of a module from the nearest package.json.
writeFileSync(`${next}/cjs/package.json`, '{ "type": "commonjs" }\n');
copyFileSync('src/openapi.json', `${next}/openapi.json`);

process.exitCode = await checked;
rmSync(process.exitCode ? next : 'dist', { recursive: true, force: true });
if (!process.exitCode) renameSync(next, 'dist');
