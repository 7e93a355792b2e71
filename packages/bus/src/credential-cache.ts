import { type Credential, parseSha256, type Sha256 } from '@booner/protocol';
import { readCredential } from './stored-access.ts';
import { accept, type OnRejected, reject } from './stored-values.ts';

type Parsed = { readonly stored: string; readonly credential: Credential | null };

/** The credentials that this hub has read. */
export function createCredentialCache(onRejected: OnRejected) {
  let parsed: ReadonlyMap<string, Parsed> | null = null;
  let living: ReadonlyMap<Sha256, Credential> = new Map();
  const listeners = new Set<() => void>();

  const parse = (field: string, stored: string): Parsed => {
    const known = parsed?.get(field);
    // Otherwise each sign-in would parse all of thousands of sessions.
    if (known?.stored === stored) return known;
    if (parseSha256(field) !== null)
      return { stored, credential: accept(readCredential(stored), onRejected) };
    const { rejection } = reject('wrong_shape', null, 'the field of a credential is not a SHA-256');
    onRejected(rejection);
    return { stored, credential: null };
  };
  const update = (entries: readonly (readonly [string, string])[]) => {
    const before = parsed;
    const now = new Map(entries.map(([field, stored]) => [field, parse(field, stored)]));
    parsed = now;
    const isSame =
      now.size === before?.size && [...now].every(([field, value]) => before.get(field) === value);
    if (isSame) return;
    const readable = [...now].flatMap(([hash, { credential }]) =>
      credential === null ? [] : [[hash as Sha256, credential] as const],
    );
    living = withoutOrphans(new Map(readable));
    for (const listener of listeners) listener();
  };

  return {
    loaded: () => parsed !== null,
    current: () => living,
    /** Hashes of the credentials that are valid and have lost their parent. */
    orphans: (): readonly string[] =>
      [...(parsed ?? [])]
        .filter(([hash, { credential }]) => credential !== null && !living.has(hash as Sha256))
        .map(([hash]) => hash),
    onChange: (listener: () => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    /** Replaces the cache by what is stored: SHA-256 -> JSON. */
    replace: (entries: Readonly<Record<string, string>>) => update(Object.entries(entries)),
    /** Adds a change that this hub stored: SHA-256 -> JSON, `null` for a removed credential. */
    patch: (changes: ReadonlyMap<string, string | null>) => {
      const entries = new Map<string, string | null>(
        [...(parsed ?? [])].map(([field, { stored }]) => [field, stored]),
      );
      for (const [field, stored] of changes) entries.set(field, stored);
      update([...entries].filter((entry): entry is [string, string] => entry[1] !== null));
    },
  };
}

/** Returns the credentials without those that lack a parent, or a parent's parent, and so on. */
function withoutOrphans(credentials: ReadonlyMap<Sha256, Credential>): ReadonlyMap<Sha256, Credential> {
  const ids = new Set([...credentials.values()].map(({ id }) => id));
  const left = new Map([...credentials].filter(([, { parentId }]) => parentId === null || ids.has(parentId)));
  return left.size === credentials.size ? left : withoutOrphans(left);
}

/** Returns the ids of the matching credentials and of all their children. */
export function idsWithChildren(
  credentials: ReadonlyMap<Sha256, Credential>,
  matches: (credential: Credential) => boolean,
): ReadonlySet<string> {
  const ids = new Set([...credentials.values()].filter(matches).map(({ id }) => id));
  for (let before = -1; before !== ids.size; ) {
    before = ids.size;
    for (const { id, parentId } of credentials.values()) {
      if (parentId !== null && ids.has(parentId)) ids.add(id);
    }
  }
  return ids;
}

/** Returns the hashes of the matching credentials and of all their children. */
export function withChildren(
  credentials: ReadonlyMap<Sha256, Credential>,
  matches: (credential: Credential) => boolean,
): readonly Sha256[] {
  const ids = idsWithChildren(credentials, matches);
  return [...credentials].filter(([, { id }]) => ids.has(id)).map(([hash]) => hash);
}
