import { type Credential, parseSha256, type Sha256 } from '@booner/protocol';
import { readCredential } from './stored-access.ts';
import { accept, type OnRejected, reject } from './stored-values.ts';

type Judged = { readonly stored: string; readonly credential: Credential | null };

/** What this hub knows of the credentials. */
export function createCredentialCache(onRejected: OnRejected) {
  let judged: ReadonlyMap<string, Judged> | null = null;
  let living: ReadonlyMap<Sha256, Credential> = new Map();
  const listeners = new Set<() => void>();

  const judge = (field: string, stored: string): Judged => {
    const known = judged?.get(field);
    if (known?.stored === stored) return known; // with thousands of sessions, each sign-in would else cost the judgement of all
    if (parseSha256(field) !== null)
      return { stored, credential: accept(readCredential(stored), onRejected) };
    const { rejection } = reject(
      'wrong_shape',
      null,
      'a credential is stored under something else than a SHA-256',
    );
    onRejected(rejection);
    return { stored, credential: null };
  };
  const take = (entries: readonly (readonly [string, string])[]) => {
    const before = judged;
    const now = new Map(entries.map(([field, stored]) => [field, judge(field, stored)]));
    judged = now;
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
    loaded: () => judged !== null,
    current: () => living,
    /** Under what credentials are stored that are good and have lost their parent. */
    orphans: (): readonly string[] =>
      [...(judged ?? [])]
        .filter(([hash, { credential }]) => credential !== null && !living.has(hash as Sha256))
        .map(([hash]) => hash),
    onChange: (listener: () => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    /** Takes over what is stored now: SHA-256 -> JSON. */
    replace: (entries: Readonly<Record<string, string>>) => take(Object.entries(entries)),
    /** Takes over a change of one's own: SHA-256 -> JSON, `null` for what was removed. */
    patch: (changes: ReadonlyMap<string, string | null>) => {
      const entries = new Map<string, string | null>(
        [...(judged ?? [])].map(([field, { stored }]) => [field, stored]),
      );
      for (const [field, stored] of changes) entries.set(field, stored);
      take([...entries].filter((entry): entry is [string, string] => entry[1] !== null));
    },
  };
}

/** Those whose parent is among them, and whose parent's parent is, and so on. */
function withoutOrphans(credentials: ReadonlyMap<Sha256, Credential>): ReadonlyMap<Sha256, Credential> {
  const ids = new Set([...credentials.values()].map(({ id }) => id));
  const left = new Map([...credentials].filter(([, { parentId }]) => parentId === null || ids.has(parentId)));
  return left.size === credentials.size ? left : withoutOrphans(left);
}

/** The ids of the credentials meant, and of all that live with them. */
export function idsWithChildren(
  credentials: ReadonlyMap<Sha256, Credential>,
  isMeant: (credential: Credential) => boolean,
): ReadonlySet<string> {
  const meant = new Set([...credentials.values()].filter(isMeant).map(({ id }) => id));
  for (let before = -1; before !== meant.size; ) {
    before = meant.size;
    for (const { id, parentId } of credentials.values()) {
      if (parentId !== null && meant.has(parentId)) meant.add(id);
    }
  }
  return meant;
}

/** The hashes of the credentials meant, and of all that live with them. */
export function withChildren(
  credentials: ReadonlyMap<Sha256, Credential>,
  isMeant: (credential: Credential) => boolean,
): readonly Sha256[] {
  const meant = idsWithChildren(credentials, isMeant);
  return [...credentials].filter(([, { id }]) => meant.has(id)).map(([hash]) => hash);
}
