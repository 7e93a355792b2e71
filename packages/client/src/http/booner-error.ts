import type { Problem } from '@booner/protocol';

export type BoonerErrorCode =
  /** No answer: a network problem, or no hub there. */
  | 'unreachable'
  | 'timeout'
  /** 401: the token is missing or no longer valid. */
  | 'unauthorized'
  /** 403 */
  | 'forbidden'
  /** 404 */
  | 'not_found'
  /** 409: the current state does not allow it. */
  | 'conflict'
  /** Another 4xx: `errors` points to the issues with the request. */
  | 'invalid'
  /** 429 or 503: retry later, after `retryAfterMs` if it is set. */
  | 'busy'
  /** Another 5xx. */
  | 'failed'
  /** Not a hub's answer: another server or a proxy answered. */
  | 'bad_answer'
  /** This program cannot encrypt a secret: a page needs HTTPS, and a recent browser. */
  | 'cannot_seal'
  /** `close()` was called on the client. */
  | 'client_closed';

/**
 * A failed request. If the hub refused it, this carries the fields of the problem document (RFC
 * 9457).
 */
export class BoonerError extends Error {
  readonly code: BoonerErrorCode;
  /** HTTP status, or `null` without an answer. */
  readonly status: number | null;
  readonly problem: Problem | null;
  /** Delay in milliseconds after which the hub allows a retry. */
  readonly retryAfterMs: number | null;

  constructor(
    code: BoonerErrorCode,
    message: string,
    details: {
      readonly status?: number;
      readonly problem?: Problem | null;
      readonly retryAfterMs?: number | null;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined);
    this.name = 'BoonerError';
    this.code = code;
    this.status = details.status ?? null;
    this.problem = details.problem ?? null;
    this.retryAfterMs = details.retryAfterMs ?? null;
  }

  /**
   * One entry per invalid field. `pointer` is a JSON pointer (RFC 6901) into the body or the query.
   */
  get errors(): NonNullable<Problem['errors']> {
    return this.problem?.errors ?? [];
  }
}
