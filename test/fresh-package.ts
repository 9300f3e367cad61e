import { onTestFinished, vi } from 'vitest';
import type * as own from '../src/index.js';

type Warning = Error & { readonly code?: string };

/** The package as a new process loads it, which has warned of nothing yet, and the warnings of the process until the end of the test. */
export async function freshPackage(): Promise<{ loaded: typeof own; warnings: Warning[] }> {
  vi.resetModules();
  for (const key of Object.getOwnPropertySymbols(globalThis)) {
    if (key.description?.startsWith('express-session-info.')) Reflect.deleteProperty(globalThis, key);
  }
  const warnings: Warning[] = [];
  const warned = (warning: Warning) => void warnings.push(warning);
  process.on('warning', warned);
  onTestFinished(() => void process.off('warning', warned));
  return { loaded: await import('../src/index.js'), warnings };
}
