import type { FailureKind } from '@booner/service/failure-log';

/**
 * What went wrong with the bus: `bad_url` and `bad_certificate` are faults of the configuration; `disconnected`: it cannot be
 * reached, or is not ready yet; `timeout`: it did not answer in time; `refused`: it answered with an error, such as `NOPERM` or `OOM`.
 */
export type BusErrorCode = 'bad_url' | 'bad_certificate' | 'disconnected' | 'timeout' | 'refused';

export type BusErrorOptions = ErrorOptions & {
  /** First word of Redis' answer, such as `OOM`. */
  readonly reply?: string | null;
};

/** The message is a sentence for operators: plain words, and what to do. */
export class BusError extends Error {
  readonly code: BusErrorCode;
  /** First word of Redis' answer, such as `OOM`; `null` when it did not answer with an error. */
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
 * Whether the bus cannot be reached, or does not answer: one outage for everything that needs it, which whoever watches the
 * connection reports once.
 */
export const isOutage = (error: unknown): boolean =>
  error instanceof BusError && (error.code === 'disconnected' || error.code === 'timeout');
