/** WebSocket opcodes (RFC 6455 section 5.2) that the bench meets. */
export const OPCODES = { text: 0x1, close: 0x8, ping: 0x9, pong: 0xa } as const;

/**
 * A frame from client to server with at most 125 bytes: masked, as is required, with a key of
 * zeros.
 */
export function encodeClientFrame(opcode: number, payload: Buffer): Buffer {
  if (payload.length > 125) throw new RangeError('the bench sends short frames alone');
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}
