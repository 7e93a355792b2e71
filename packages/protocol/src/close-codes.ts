/**
 * WebSocket close codes. On 4000 to 4499 a client reconnects with backoff and resumes. On 4500 to
 * 4999 it does not reconnect until something changes. Codes below 4000 are from RFC 6455, section
 * 7.4.1.
 */
export const CLOSE_CODES = {
  /** The hub stops or restarts. Reconnect. */
  goingAway: 1001,
  /** The client broke a rule that it would break again, or its token was revoked. */
  policyViolation: 1008,
  /** The client sent a frame over the size limit. */
  messageTooBig: 1009,
  /** The client read too slowly. Reconnect and resume. */
  tooSlow: 4000,
  /** The client did not answer a ping in time. Reconnect and resume. */
  noPong: 4001,
  /** The client sent too many messages. Reconnect later. */
  rateLimited: 4002,
  /** The client's credential has too many open streams. Close some, then reconnect. */
  tooManyStreams: 4003,
  /** The stream has version 2 only, and the client did not offer its subprotocol. */
  versionRequired: 4500,
} as const;

export type CloseCode = (typeof CLOSE_CODES)[keyof typeof CLOSE_CODES];

/** Returns true if a client should reconnect after this code. */
export function mayReconnect(code: number): boolean {
  if (code >= 4000) return code < 4500;
  return code !== CLOSE_CODES.policyViolation && code !== CLOSE_CODES.messageTooBig;
}
