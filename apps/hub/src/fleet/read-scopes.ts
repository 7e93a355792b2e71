import { parseAccessSelector } from '@booner/protocol';
import type { Context } from 'hono';
import { principalOf } from '../access/principal.ts';
import { EVERYTHING, type Readable } from '../ws/readable.ts';
import type { Fleet } from './fleet.ts';

/** Compiled selectors that are kept. Beyond them, all are compiled anew. */
const MAX_KEPT = 1000;

/** Returns what the credential behind a request may read. */
export type ReadableOf = (c: Context) => Readable;

/**
 * Evaluates read scopes against the fleet: only hosts that are targets, by their host id and the
 * labels that operators set. A scope that cannot be parsed covers nothing.
 */
export function createReadableOf(fleet: Pick<Fleet, 'get'>): ReadableOf {
  const kept = new Map<string, Readable>();
  const compile = (reads: string): Readable => {
    const parsed = parseAccessSelector(reads);
    if (!parsed.ok) return { key: '', has: () => false };
    const { text, matches } = parsed.value;
    if (text === '*') return EVERYTHING;
    return {
      key: text,
      has: (host) => {
        const entry = fleet.get(host);
        return entry !== null && matches(entry.subject);
      },
    };
  };
  return (c) => {
    const { reads } = principalOf(c).scopes;
    if (reads === null) return EVERYTHING;
    const readable = kept.get(reads) ?? compile(reads);
    if (kept.size >= MAX_KEPT) kept.clear();
    kept.set(reads, readable);
    return readable;
  };
}
