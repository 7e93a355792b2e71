import { expect, test } from 'vitest';
import { silenceUntil } from './silence-until.ts';

const at = (text: string) => new Date(text).getTime();

test('lasts some hours', () => {
  expect(silenceUntil('1h', 0, '')).toBe(3_600_000);
  expect(silenceUntil('4h', 0, '')).toBe(4 * 3_600_000);
});

test('tomorrow is the next day by the calendar, also shortly after midnight', () => {
  expect(silenceUntil('morning', at('2026-11-30T22:15:30'), '')).toBe(at('2026-12-01T08:00'));
  expect(silenceUntil('morning', at('2026-12-01T00:05'), '')).toBe(at('2026-12-02T08:00'));
  expect(silenceUntil('morning', at('2026-12-31T09:00'), '')).toBe(at('2027-01-01T08:00'));
});

test('takes a time of the reader, and nothing else', () => {
  expect(silenceUntil('custom', 0, '2026-12-24T18:30')).toBe(at('2026-12-24T18:30'));
  expect(silenceUntil('custom', 0, '')).toBe(null);
});
