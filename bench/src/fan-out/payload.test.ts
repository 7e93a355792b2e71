import { expect, test } from 'vitest';
import { monotonicUs } from '../measure/monotonic-us.ts';
import { buildPayload, readPayloadHead } from './payload.ts';

test.each([64, 1024, 16_384])('a payload of %i bytes has that length in UTF-8 and is read back', (bytes) => {
  const head = { sequence: 42, sentAtUs: 1_234_567_890_123, bytes };
  const payload = buildPayload(head);
  expect(Buffer.byteLength(payload)).toBe(bytes);
  expect(readPayloadHead(Buffer.from(payload), 0)).toEqual(head);
});

test('a payload needs no escaping in a JSON string', () => {
  const head = { sequence: 7, sentAtUs: monotonicUs(), bytes: 1024 };
  const event = Buffer.from(`42${JSON.stringify(['status', buildPayload(head)])}`);
  expect(event.length).toBe(1024 + 15);
  expect(readPayloadHead(event, 13)).toEqual(head);
});

test('any other text is not parsed as a number', () => {
  const { sequence, sentAtUs, bytes } = readPayloadHead(Buffer.from('{"main_server":{"cpu":"Unknown"}}'), 0);
  expect([sequence, sentAtUs, bytes]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
});

test('the clock does not run backwards and advances in microseconds', () => {
  const before = monotonicUs();
  const after = monotonicUs();
  expect(Number.isSafeInteger(before)).toBe(true);
  expect(after).toBeGreaterThanOrEqual(before);
});
