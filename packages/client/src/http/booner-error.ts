import type { Problem } from '@booner/protocol';

export type BoonerErrorCode =
  /** No answer: the network, or no hub there. */
  | 'unreachable'
  | 'timeout'
  /** 401: no token, or one that is not valid any more. */
  | 'unauthorized'
  /** 403 */
  | 'forbidden'
  /** 404 */
  | 'not_found'
  /** 409: the state of things does not allow it. */
  | 'conflict'
  /** Another 4xx: `errors` points to what is wrong with the request. */
  | 'invalid'
  /** 429 or 503: later, after `retryAfterMs` if there is one. */
  | 'busy'
  /** Another 5xx. */
  | 'failed'
  /** Not what a hub says: another server, or a proxy, answered. */
  | 'bad_answer';

/** What a request came to. Those that the hub refused carry the fields of its problem document (RFC 9457). */
export class BoonerError extends Error {
  readonly code: BoonerErrorCode;
  /** HTTP status; `null` without an answer. */
  readonly status: number | null;
  readonly problem: Problem | null;
  /** When the hub says that it may be tried again, milliseconds from now. */
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

  /** One entry a bad field; `pointer` is a JSON pointer (RFC 6901) into the body or the query. */
  get errors(): NonNullable<Problem['errors']> {
    return this.problem?.errors ?? [];
  }
}
