import { describe, expect, it } from 'vitest';
import { fitColumns } from './fit-columns.ts';

describe('the columns', () => {
  it('make room by dropping what is looked at least, and never the host', () => {
    const width = () => 100;
    expect(fitColumns(['status', 'host', 'cpu', 'load', 'uptime'], width, 500)).toHaveLength(5);
    expect(fitColumns(['status', 'host', 'cpu', 'load', 'uptime'], width, 390)).toEqual([
      'status',
      'host',
      'cpu',
    ]);
    expect(fitColumns(['status', 'host', 'cpu'], width, 50)).toEqual(['status', 'host']);
  });
});
