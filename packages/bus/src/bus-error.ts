import type { FailureKind } from '@booner/service/failure-log';

/**
 * - `bad_url`, `bad_certificate`: the configuration is invalid
 * - `disconnected`: the bus cannot be reached, or is not ready yet
 * - `timeout`: the bus did not answer in time
 * - `refused`: the bus answered with an error, such as `NOPERM` or `OOM`
 */
export type BusErrorCode = 'bad_url' | 'bad_certificate' | 'disconnected' | 'timeout' | 'refused';

export type BusErrorOptions = ErrorOptions & {
  /** Reply code of Redis: the first word of an error, such as `OOM`. */
  readonly reply?: string | null;
};

/** An error of the bus. Its message is a sentence for operators that says what to do. */
export class BusError extends Error {
  readonly code: BusErrorCode;
  /** Reply code of Redis, such as `OOM`; `null` if Redis did not answer with an error. */
  readonly reply: string | null;

  constructor(code: BusErrorCode, message: string, { reply = null, ...options }: BusErrorOptions = {}) {
    super(message, options);
    this.name = 'BusError';
    this.code = code;
    this.reply = reply;
  }

  /** Outages are reported by the log of the connection; loops leave them to it. */
  get failureKind(): FailureKind {
    return isOutage(this) ? 'reported' : 'expected';
  }
}

/**
 * Returns true if the bus cannot be reached or does not answer. Code that only uses the bus need
 * not report such an error: the owner of the connection reports the outage once.
 */
export const isOutage = (error: unknown): boolean =>
  error instanceof BusError && (error.code === 'disconnected' || error.code === 'timeout');
