import { describe, expect, it } from 'vitest';
import { parseTraceparent } from './traceparent.ts';

const IDS = '4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7';

describe('a traceparent', () => {
  it.each([`00-${IDS}-01`, `00-${IDS}-00`, `00-${IDS}-ff`])('of version 00 is kept: %s', (text) => {
    expect(parseTraceparent(text)).toBe(text);
  });

  it.each([
    [`01-${IDS}-01`, '01'],
    [`cc-${IDS}-03-what-the-future-will-be-like`, '01'],
    [`fe-${IDS}-82`, '00'],
  ])('of a later version becomes version 00: %s', (text, flags) => {
    expect(parseTraceparent(text)).toBe(`00-${IDS}-${flags}`);
  });

  it.each([
    ['nothing', undefined],
    ['an empty text', ''],
    ['version ff', `ff-${IDS}-01`],
    ['capital letters', `00-${IDS.toUpperCase()}-01`],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`],
    ['a parent id of zeros', `00-4bf92f3577b34da6a3ce929d0e0e4736-${'0'.repeat(16)}-01`],
    ['a later version with a trace id of zeros', `01-${'0'.repeat(32)}-00f067aa0ba902b7-01`],
    ['more than version 00 has', `00-${IDS}-01-more`],
    ['a later version without its separator', `01-${IDS}-01more`],
    ['two headers', `00-${IDS}-01, 00-${IDS}-01`],
    ['a line break', `00-${IDS}-01\n`],
    ['another header', `00-${IDS}-0g`],
  ])('that is %s is ignored', (_, text) => {
    expect(parseTraceparent(text)).toBeNull();
  });
});
