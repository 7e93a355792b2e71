import type { AuditEntry } from '@booner/protocol';

/** Returns the entries that contain every word of a query, in any field. */
export function filterEntries(entries: readonly AuditEntry[], query: string): readonly AuditEntry[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return entries;
  return entries.filter((entry) => {
    const text = textOf(entry);
    return words.every((word) => text.includes(word));
  });
}

const textOf = ({ subject, address, verb, target, detail, verdict }: AuditEntry): string =>
  [subject ?? 'anonymous', address, verb, target, detail, verdict].join(' ').toLowerCase();
