import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import type { Block } from './docs-pages.js';
import { YOURS } from './yours.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The compiler's errors in blocks, as modules of one folder for each page, with the settings of this repository. The package's
 * name is its source. Unused names are no error.
 */
export function typeErrors(all: readonly Pick<Block, 'page' | 'name' | 'text'>[]): string[] {
  const pages = new Set(all.map(({ page }) => page));
  const yours = [...pages].flatMap((page) =>
    Object.entries(YOURS).map(([name, text]) => ({ page, name, text })),
  );
  const files = new Map(
    [...yours, ...all].map(({ page, name, text }) => [`${ROOT}docs/.${page}/${name}.ts`, text]),
  );
  const folders = new Set([...files.keys()].map(dirname));
  const { config } = ts.readConfigFile(`${ROOT}tsconfig.json`, ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(
    {
      ...config.compilerOptions,
      noUnusedLocals: false,
      // For NestJS.
      experimentalDecorators: true,
      paths: {
        'express-session-info': ['./src/index.ts'],
        'express-session-info/express-session': ['./src/stores/express-session.ts'],
        'express-session-info/postgres': ['./src/stores/postgres/postgres.ts'],
        'express-session-info/redis': ['./src/stores/redis/redis.ts'],
        'express-session-info/sqlite': ['./src/stores/sqlite.ts'],
        'express-session-info/testing': ['./src/testing/index.ts'],
      },
    },
    ROOT,
  );
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile, directoryExists } = host;
  host.fileExists = (file) => files.has(file) || fileExists(file);
  host.readFile = (file) => files.get(file) ?? readFile(file);
  host.directoryExists = (folder) => folders.has(folder) || (directoryExists?.(folder) ?? true);
  host.getSourceFile = (file, language, ...rest) => {
    const text = files.get(file);
    return text === undefined
      ? getSourceFile(file, language, ...rest)
      : ts.createSourceFile(file, text, language);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  const found = [...files.keys()].flatMap((file) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  });
  return found.map(({ file, start = 0, messageText }) => {
    const line = file ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
    return `${file?.fileName.slice(ROOT.length)}:${line} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
}
