import { describe, expect, it } from 'vitest';
import {
  COLUMN_IDS,
  DEFAULT_COLUMNS,
  fleetSearchSchema,
  readColumns,
  readSort,
  writeColumns,
  writeSort,
} from './fleet-search.ts';

describe('the URL of the fleet', () => {
  it('leaves out what it does not understand', () => {
    const search = fleetSearchSchema.parse({ status: 'odd', view: 'cards', sort: '--cpu', x: '1', q: 'web' });
    expect(search).toEqual({ q: 'web', view: 'cards' });
  });

  it('names a column to sort by, and no other', () => {
    expect(readSort('-cpu')).toEqual({ id: 'cpu', desc: true });
    expect(readSort('host')).toEqual({ id: 'host', desc: false });
    for (const text of [undefined, '', '-', 'nothing', 'recent', 'day']) expect(readSort(text)).toBeNull();
    expect(writeSort(readSort('-cpu'))).toBe('-cpu');
    expect(writeSort(null)).toBeUndefined();
  });

  it('is empty when the usual columns are shown, and never hides what names a row', () => {
    expect(writeColumns(DEFAULT_COLUMNS)).toBeUndefined();
    expect(readColumns(undefined)).not.toContain('day');
    expect(readColumns(writeColumns(COLUMN_IDS))).toEqual(COLUMN_IDS);
    expect(readColumns('memory,cpu,odd')).toEqual(['status', 'host', 'cpu', 'memory']);
    expect(writeColumns(readColumns('memory,cpu'))).toBe('cpu,memory');
    expect(readColumns(writeColumns([]))).toEqual(['status', 'host']);
  });
});
