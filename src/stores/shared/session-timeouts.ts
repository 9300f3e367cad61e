import { isInteger, type OptionRule } from '../../check-options.js';

/** When the sessions of a store end. Each store takes these two options, and the conformance kit passes them. */
export interface SessionTimeouts {
  /** A session ends when nobody used it for so long, in ms. Default 30 minutes. */
  readonly idleTimeout?: number | undefined;
  /** A session ends so long after its creation, however much it is used, in ms. Default 24 hours. */
  readonly absoluteTimeout?: number | undefined;
}

export const DEFAULT_IDLE_TIMEOUT = 30 * 60 * 1000;
export const DEFAULT_ABSOLUTE_TIMEOUT = 24 * 60 * 60 * 1000;

/** Ten years: no backend's interval type or expiry command overflows on it. */
const MAX_TIMEOUT = 10 * 365 * 24 * 60 * 60 * 1000;

/** The rules of the two options, for `checkOptions`. */
export const timeoutRules: Record<keyof SessionTimeouts, OptionRule> = {
  idleTimeout: isInteger('milliseconds', 1, MAX_TIMEOUT),
  absoluteTimeout: isInteger('milliseconds', 1, MAX_TIMEOUT),
};

/** Both timeouts in ms, the defaults filled in. */
export function withDefaultTimeouts(
  options: SessionTimeouts,
): Required<{ [Name in keyof SessionTimeouts]: number }> {
  return {
    idleTimeout: options.idleTimeout ?? DEFAULT_IDLE_TIMEOUT,
    absoluteTimeout: options.absoluteTimeout ?? DEFAULT_ABSOLUTE_TIMEOUT,
  };
}
