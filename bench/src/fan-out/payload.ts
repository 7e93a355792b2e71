const SEQUENCE_DIGITS = 10;
const TIME_DIGITS = 16;
const LENGTH_DIGITS = 6;
const HEAD = {
  sequence: 0,
  sentAtUs: SEQUENCE_DIGITS + 1,
  bytes: SEQUENCE_DIGITS + TIME_DIGITS + 2,
} as const;

/** The part of a message that a client reads. */
export type PayloadHead = {
  readonly sequence: number;
  /** `monotonicUs` of the server just before it sent to the first client. */
  readonly sentAtUs: number;
  /** Length of the whole payload in UTF-8. */
  readonly bytes: number;
};

/**
 * Returns a text of exactly `bytes` bytes in UTF-8 that a client can verify. Like the status of a
 * fleet it is ASCII with some degree signs, so that encoding it is as slow as in production. It
 * needs no escaping in JSON.
 */
export function buildPayload({ sequence, sentAtUs, bytes }: PayloadHead): string {
  const head = [
    String(sequence).padStart(SEQUENCE_DIGITS, '0'),
    String(sentAtUs).padStart(TIME_DIGITS, '0'),
    String(bytes).padStart(LENGTH_DIGITS, '0'),
    '',
  ].join(' ');
  const entry = '{host: 10.0.0.2, status: active, load: 0.31, specs: 8 cores, 32 GB RAM, 61°C} ';
  const room = bytes - Buffer.byteLength(head);
  const entries = entry.repeat(Math.floor(room / Buffer.byteLength(entry)));
  return (head + entries).padEnd(bytes - Buffer.byteLength(entries) + entries.length, '.');
}

/** Reads what {@link buildPayload} wrote. The numbers are NaN when it is something else. */
export function readPayloadHead(message: Buffer, offset: number): PayloadHead {
  return {
    sequence: readDigits(message, offset + HEAD.sequence, SEQUENCE_DIGITS),
    sentAtUs: readDigits(message, offset + HEAD.sentAtUs, TIME_DIGITS),
    bytes: readDigits(message, offset + HEAD.bytes, LENGTH_DIGITS),
  };
}

/** Without making a string: this runs for each message of each client. */
function readDigits(bytes: Buffer, from: number, digits: number): number {
  let value = 0;
  for (let at = from; at < from + digits; at++) {
    const digit = (bytes[at] ?? Number.NaN) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}
