// Builds the package as ES modules and as CommonJS. Both share the declarations of the CommonJS build: an ES module may import those,
// and a CommonJS module could not import the others. The ES modules are bundled, because Node needs three times as long to load fifty
// files as to load three. Comments are in the declarations, not a second and third time in the code.
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
import { build } from 'esbuild';
import ts from 'typescript';

/** The files that package.json exports in both builds, without their endings. */
const { exports } = JSON.parse(readFileSync('package.json', 'utf8'));
const ENTRIES = Object.values(exports).flatMap(({ import: entry }) =>
  entry ? [entry.default.replace('./dist/esm/', '').replace('.js', '')] : [],
);
const COMMONJS = ['--module', 'commonjs', '--moduleResolution', 'node10', '--verbatimModuleSyntax', 'false'];

/** Checks the types of the whole source and writes the declarations. Resolves to tsc's exit code. */
async function writeDeclarations(outDir) {
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
  const args = [tsc, '-p', 'tsconfig.build.json', '--outDir', outDir, '--emitDeclarationOnly', ...COMMONJS];
  const [code] = await once(spawn(process.execPath, args, { stdio: 'inherit' }), 'close');
  return code;
}

/** File by file, which `isolatedModules` allows. */
function writeCommonJs(outDir) {
  const { target } = ts.readConfigFile('tsconfig.json', ts.sys.readFile).config.compilerOptions;
  const compilerOptions = { target, module: 'commonjs', esModuleInterop: true, removeComments: true };
  for (const file of readdirSync('src', { recursive: true }).filter((name) => name.endsWith('.ts'))) {
    const { outputText } = ts.transpileModule(readFileSync(join('src', file), 'utf8'), { compilerOptions });
    const output = join(outDir, file.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(output), { recursive: true });
    writeFileSync(output, outputText);
  }
  // Node and TypeScript read the kind of a module from the nearest package.json.
  writeFileSync(join(outDir, 'package.json'), '{ "type": "commonjs" }\n');
}

/** A file for each entry, and those that several entries share. */
async function writeEsModules(outDir) {
  await build({
    entryPoints: ENTRIES.map((entry) => `src/${entry}.ts`),
    outdir: outDir,
    outbase: 'src',
    chunkNames: 'shared/[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
    bundle: true,
    splitting: true,
  });
  for (const entry of ENTRIES) {
    const text = `export * from '${'../'.repeat(entry.split('/').length)}cjs/${entry}.js';\n`;
    writeFileSync(join(outDir, `${entry}.d.ts`), text);
  }
}

// Built next to dist, which it replaces at the end, so that whoever reads dist meanwhile finds it whole.
const next = `dist.next-${process.pid}`;
rmSync(next, { recursive: true, force: true });
const checked = writeDeclarations(`${next}/cjs`);
writeCommonJs(`${next}/cjs`);
await writeEsModules(`${next}/esm`);
copyFileSync('src/openapi.json', `${next}/openapi.json`);

process.exitCode = await checked;
rmSync(process.exitCode ? next : 'dist', { recursive: true, force: true });
if (!process.exitCode) renameSync(next, 'dist');
