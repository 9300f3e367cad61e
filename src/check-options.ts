/** What an option must be: a test, and the words that tell how to fix a value that fails it. */
export interface OptionRule {
  readonly valid: (value: unknown) => boolean;
  readonly fix: string;
}

/**
 * A copy of an options object, checked against one rule for each option. `undefined` stands for the default everywhere. Each option is
 * read once, and only own ones: what somebody wrote into `Object.prototype` is no option, so the copy has no prototype. Throws a
 * TypeError with the factory, the option and the fix. It never shows a value: one may be a secret.
 */
export function checkOptions<Options>(
  factory: string,
  options: Options,
  rules: Readonly<Record<string, OptionRule>>,
): Options {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(`${factory}: options must be an object`);
  }
  const own = Object.create(null);
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (!rule)
      throw new TypeError(`${factory}: unknown option "${name}"; use ${Object.keys(rules).join(', ')}`);
    if (value !== undefined && !rule.valid(value)) {
      throw new TypeError(`${factory}: option "${name}" must be ${rule.fix}`);
    }
    own[name] = value;
  }
  return own;
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
