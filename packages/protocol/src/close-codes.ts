/**
 * WebSocket close codes. From 4000 to 4499 a client comes back (with backoff) and resumes; from 4500 to 4999 it does not,
 * until something changed. The codes below 4000 are those of RFC 6455 section 7.4.1.
 */
export const CLOSE_CODES = {
  /** The hub stops or restarts: come back. */
  goingAway: 1001,
  /** The client broke a rule that it would break again, or its token was revoked. */
  policyViolation: 1008,
  /** A frame over the limit. */
  messageTooBig: 1009,
  /** The client did not read fast enough: come back and resume. */
  tooSlow: 4000,
  /** No pong in time: come back and resume. */
  noPong: 4001,
  /** Too many messages from the client: come back later. */
  rateLimited: 4002,
} as const;

export type CloseCode = (typeof CLOSE_CODES)[keyof typeof CLOSE_CODES];

/** Whether a client should connect again after this code. */
export function mayReconnect(code: number): boolean {
  if (code >= 4000) return code < 4500;
  return code !== CLOSE_CODES.policyViolation && code !== CLOSE_CODES.messageTooBig;
}
