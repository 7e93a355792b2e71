import { describe, expect, it } from 'vitest';
import { parseCursor } from './cursor.ts';

describe('a cursor', () => {
  it.each(['0-0', '1732345678901-0', '1732345678901-12', '9999999999999999999-9999999999999999999'])(
    'is the id of a stream entry: %s',
    (text) => expect(parseCursor(text)).toBe(text),
  );
  it.each(['', '0', '0-', '-0', '00-0', '0-00', '1-01', '1-0 ', '+1-0', '1-18446744073709551616', '1-x'])(
    'is nothing else: "%s"',
    (text) => expect(parseCursor(text)).toBeNull(),
  );
});
