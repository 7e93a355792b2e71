import {
  type AuditPage,
  type AuditQuery,
  type Credential,
  compareCursors,
  type Sha256,
  START_CURSOR,
} from '@booner/protocol';
import type { AccessBus } from '../access-ports.ts';
import { createCredentialCache, withChildren } from '../credential-cache.ts';
import { readEnrolment, readIdentity, readOidc, readTicket } from '../stored-access.ts';
import { accept, type OnRejected, type Reading } from '../stored-values.ts';
import type { AccessState } from './access-state.ts';
import { startMemoryScope } from './memory-scope.ts';

export type MemoryAccessOptions = {
  readonly onRejected?: OnRejected;
};

/** Starts a hub's side of access control in memory. Credentials are lost when the process ends. */
export function startMemoryAccess(
  state: AccessState,
  { onRejected = () => {} }: MemoryAccessOptions = {},
): AccessBus {
  const { side, use, end } = startMemoryScope();
  const cache = createCredentialCache(onRejected);
  const read = () => cache.replace(Object.fromEntries(state.credentials));
  read();
  state.readers.add(read);
  const changed = () => {
    for (const reader of state.readers) reader();
  };
  const parse = <T>(stored: string | null, read: (stored: string) => Reading<T>): T | null =>
    stored === null ? null : accept(read(stored), onRejected);
  const put = (hash: Sha256, credential: Credential) => {
    state.everHadOne = true;
    state.credentials.set(hash, JSON.stringify(credential));
    changed();
  };
  const remove = (hashes: readonly string[]): readonly Credential[] => {
    const known = cache.current();
    const removed = hashes
      .filter((hash) => state.credentials.delete(hash))
      .map((hash) => known.get(hash as Sha256))
      .filter((credential) => credential !== undefined);
    for (const { id } of removed) state.lastUsed.delete(id);
    changed();
    return removed;
  };
  const removeExpired = (nowMs: number): number => {
    const known = cache.current();
    const isExpired = ({ expiresAtMs }: Credential) => expiresAtMs !== null && expiresAtMs <= nowMs;
    const hashes = [...withChildren(known, isExpired), ...cache.orphans()];
    remove(hashes);
    const ids = new Set([...cache.current().values()].map(({ id }) => id));
    for (const id of state.lastUsed.keys()) if (!ids.has(id)) state.lastUsed.delete(id);
    return hashes.length;
  };

  return {
    ...side,
    loaded: cache.loaded,
    credentials: cache.current,
    refresh: use(read),
    onChange: cache.onChange,

    putCredential: use(put),
    renewCredential: use((hash, newHash, credential) => {
      if (!state.credentials.delete(hash)) return false;
      put(newHash, credential);
      return true;
    }),
    putFirstCredential: use((hash, credential, inPlaceOf = []) => {
      const replaced = new Set<string>([
        ...withChildren(cache.current(), ({ id }) => inPlaceOf.includes(id)),
        ...(inPlaceOf.length === 0 ? [] : cache.orphans()),
      ]);
      const isAllThereIs = state.credentials.keys().every((each) => replaced.has(each));
      if (state.everHadOne && (replaced.size === 0 || !isAllThereIs)) return false;
      state.credentials.clear();
      put(hash, credential);
      return true;
    }),
    removeCredentials: use((ids) => remove(withChildren(cache.current(), ({ id }) => ids.includes(id)))),
    removeUnlessLast: use((id, others) => {
      const known = cache.current();
      if (!known.values().some((credential) => credential.id === id)) return [];
      if (!known.values().some((credential) => others.includes(credential.id))) return 'last';
      return remove(withChildren(known, (credential) => credential.id === id));
    }),
    removeExpired: use(removeExpired),
    takeCredential: use((hash) =>
      cache.current().get(hash)?.kind === 'link' ? (remove([hash])[0] ?? null) : null,
    ),
    lastUsed: use(() => new Map(state.lastUsed)),
    markUsed: use((usedAtMs) => {
      for (const [id, atMs] of usedAtMs) state.lastUsed.set(id, atMs);
    }),

    putTicket: use(state.tickets.put),
    takeTicket: use((hash) => parse(state.tickets.take(hash), readTicket)),
    putEnrolment: use(state.enrolments.put),
    takeEnrolment: use((hash) => parse(state.enrolments.take(hash), readEnrolment)),
    putOidc: use(state.oidc.put),
    takeOidc: use((hash) => parse(state.oidc.take(hash), readOidc)),

    identities: use(
      () =>
        new Map(
          [...state.identities]
            .map((entry) => accept(readIdentity(entry), onRejected))
            .filter((entry) => entry !== null),
        ),
    ),
    putIdentity: use((host, identity) => void state.identities.set(host, JSON.stringify(identity))),
    removeIdentity: use((host) => state.identities.delete(host)),

    appendAudit: use((...entries) => {
      for (const entry of entries) state.audit.append({ ...entry });
    }),
    readAudit: use((query) => readAudit(state, query)),
    [Symbol.asyncDispose]: async () => {
      state.readers.delete(read);
      end();
    },
  };
}

function readAudit(state: AccessState, { limit, before, after = START_CURSOR }: AuditQuery): AuditPage {
  const found = state.audit.before(before, limit + 1);
  const newer = found.filter(({ cursor }) => compareCursors(cursor, after) > 0);
  const entries = newer.slice(0, limit);
  return {
    entries: entries.map(({ cursor, value }) => ({ id: cursor, ...value })),
    next: newer.length > limit ? (entries.at(-1)?.cursor ?? null) : null,
  };
}
