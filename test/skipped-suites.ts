import type { Reporter, TestModule } from 'vitest/node';

/** A reporter of Vitest that says in one line which suites test/servers/needs.ts has skipped, and for want of what. */
export default class SkippedSuites implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules.flatMap(skippedIn);
    if (skipped.length > 0) console.log(`Skipped ${skipped.length} suites: ${skipped.join('; ')}`);
  }
}

function skippedIn(module: TestModule): string[] {
  return [...module.children.allSuites()].flatMap(({ name }) => {
    const [, suite, program] = /^(.*) \(skipped: no (.*)\)$/.exec(name) ?? [];
    return suite ? [`${suite} (no ${program})`] : [];
  });
}
