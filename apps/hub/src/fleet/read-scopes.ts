import { parseAccessSelector, type Scopes } from '@booner/protocol';
import type { Context } from 'hono';
import { EVERYTHING, type Readable } from '../ws/readable.ts';
import type { Fleet } from './fleet.ts';

/** Compiled selectors that are kept. Beyond them, all are compiled anew. */
const MAX_KEPT = 1000;

/** Returns what the credential behind a request may read. */
export type ReadableOf = (c: Context) => Readable;

/** Returns what a credential with these scopes may read. */
export type ReadableBy = (scopes: Pick<Scopes, 'reads'>) => Readable;

/**
 * Evaluates read scopes against the fleet: only hosts that are targets, by their host id and the
 * labels that operators set. A scope that cannot be parsed covers nothing.
 */
export function createReadableBy(fleet: Pick<Fleet, 'get'>): ReadableBy {
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
  return ({ reads }) => {
    if (reads === null) return EVERYTHING;
    const readable = kept.get(reads) ?? compile(reads);
    if (kept.size >= MAX_KEPT) kept.clear();
    kept.set(reads, readable);
    return readable;
  };
}
