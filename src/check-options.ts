/** What an option must be: a test, and the words that tell how to mend a value that fails it. */
export interface OptionRule {
  readonly valid: (value: unknown) => boolean;
  readonly fix: string;
}

/**
 * Checks an options object against one rule for each option. `undefined` stands for the default everywhere.
 * Throws a TypeError that names the factory, the option and the fix. It never shows a value: one may be a secret.
 */
export function checkOptions(factory: string, options: unknown, rules: Record<string, OptionRule>): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(`${factory}: options must be an object`);
  }
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (!rule)
      throw new TypeError(`${factory}: unknown option "${name}"; use ${Object.keys(rules).join(', ')}`);
    if (value !== undefined && !rule.valid(value)) {
      throw new TypeError(`${factory}: option "${name}" must be ${rule.fix}`);
    }
  }
}

export const isBoolean: OptionRule = {
  valid: (value) => typeof value === 'boolean',
  fix: 'true or false',
};

export const isFunction: OptionRule = {
  valid: (value) => typeof value === 'function',
  fix: 'a function',
};

/** One of a few words. */
export function isOneOf(...words: readonly unknown[]): OptionRule {
  return {
    valid: (value) => words.includes(value),
    fix: words.map((word) => JSON.stringify(word)).join(' or '),
  };
}

/** A whole number within bounds, both included. */
export function isInteger(unit: string, min: number, max: number): OptionRule {
  return {
    valid: (value) => Number.isInteger(value) && (value as number) >= min && (value as number) <= max,
    fix: `a whole number of ${unit} from ${min} to ${max}`,
  };
}
