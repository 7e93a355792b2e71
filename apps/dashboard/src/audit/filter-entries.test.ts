import type { AuditEntry } from '@booner/protocol';
import { expect, test } from 'vitest';
import { filterEntries } from './filter-entries.ts';

const entry = (id: string, change: Partial<AuditEntry>): AuditEntry =>
  ({
    id,
    atMs: 0,
    subject: 'Ada',
    credentialId: null,
    address: '10.0.0.9',
    verb: 'task.create',
    target: '10.0.0.2',
    detail: null,
    verdict: 'allowed',
    ...change,
  }) as AuditEntry;

const entries = [
  entry('a', {}),
  entry('b', { verdict: 'denied', detail: 'This needs the role operator' }),
  entry('c', { subject: null, verb: 'sign_in', verdict: 'denied', target: null }),
];
const found = (query: string) => filterEntries(entries, query).map(({ id }) => id);

test('finds entries by words of any part, in any order and case', () => {
  expect(found('')).toEqual(['a', 'b', 'c']);
  expect(found('DENIED ada')).toEqual(['b']);
  expect(found('anonymous')).toEqual(['c']);
  expect(found('10.0.0.2 task')).toEqual(['a', 'b']);
  expect(found('nothing like it')).toEqual([]);
});
