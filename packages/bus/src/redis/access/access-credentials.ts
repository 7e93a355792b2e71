import type { Credential, Sha256 } from '@booner/protocol';
import { CREDENTIALS_KEY, CREDENTIALS_USED_KEY, CREDENTIALS_VERSION_KEY } from '@booner/protocol/redis-names';
import type { Redis } from 'ioredis';
import { type createCredentialCache, withChildren } from '../../credential-cache.ts';
import { readCredential } from '../../stored-access.ts';
import { accept, type OnRejected } from '../../stored-values.ts';
import { rethrow } from '../connection/client.ts';
import { runScript, type Script } from '../connection/run-script.ts';
import {
  PUT_CREDENTIAL,
  PUT_FIRST_CREDENTIAL,
  REMOVE_CREDENTIALS,
  RENEW_CREDENTIAL,
  TAKE_LINK,
} from './access-scripts.ts';

type Cache = ReturnType<typeof createCredentialCache>;

const KEYS = [CREDENTIALS_KEY, CREDENTIALS_VERSION_KEY];
/** Credentials removed in one call: Redis does nothing else for some milliseconds. */
const BATCH_CREDENTIALS = 500;

/** Commands on credentials over one connection. All methods reject with BusError. */
export function createCredentialCommands(redis: Redis, cache: Cache, onRejected: OnRejected) {
  /** Version of the last read; `undefined` before the first read. */
  let version: string | null | undefined;

  const read = (stored: string | null): Credential | null =>
    stored === null ? null : accept(readCredential(stored), onRejected);
  const change = (script: Script, args: readonly string[]) => runScript(redis, script, KEYS, args);

  /** Reads all credentials. The version is read first: a change in between is then read again. */
  const readAll = async () => {
    const current = await redis.get(CREDENTIALS_VERSION_KEY).catch(rethrow);
    const entries = await redis.hgetall(CREDENTIALS_KEY).catch(rethrow);
    version = current;
    cache.replace(entries);
  };
  const refresh = async () => {
    if (version === undefined || (await redis.get(CREDENTIALS_VERSION_KEY).catch(rethrow)) !== version) {
      await readAll();
    }
  };
  const put = async (hash: Sha256, credential: Credential) => {
    const stored = JSON.stringify(credential);
    await change(PUT_CREDENTIAL, [hash, stored]);
    cache.patch(new Map([[hash, stored]]));
  };
  const renew = async (hash: Sha256, newHash: Sha256, credential: Credential) => {
    const stored = JSON.stringify(credential);
    const isRenewed = (await change(RENEW_CREDENTIAL, [hash, newHash, stored])) === 1;
    const own = isRenewed ? [[newHash, stored] as const] : [];
    cache.patch(new Map<string, string | null>([[hash, null], ...own]));
    return isRenewed;
  };
  const putFirst = async (hash: Sha256, credential: Credential, inPlaceOf: readonly string[] = []) => {
    const stored = JSON.stringify(credential);
    if (inPlaceOf.length > 0) await refresh();
    const replaced =
      inPlaceOf.length === 0
        ? []
        : [...withChildren(cache.current(), ({ id }) => inPlaceOf.includes(id)), ...cache.orphans()];
    const isFirst = (await change(PUT_FIRST_CREDENTIAL, [hash, stored, ...replaced])) === 1;
    if (isFirst) cache.replace({ [hash]: stored });
    return isFirst;
  };
  /** @returns `null` if none of `others` is there, if any are given */
  const removeBatch = async (
    hashes: readonly string[],
    others: readonly string[] = [],
  ): Promise<readonly Credential[] | null> => {
    const args = [String(others.length), ...others, ...hashes];
    const replies = (await change(REMOVE_CREDENTIALS, args)) as (string | null)[] | null;
    if (replies === null) return null;
    cache.patch(new Map(hashes.map((hash) => [hash, null])));
    const removed = replies.map(read).filter((credential) => credential !== null);
    const ids = removed.map(({ id }) => id);
    if (ids.length > 0) await redis.hdel(CREDENTIALS_USED_KEY, ...ids).catch(rethrow);
    return removed;
  };
  const removeAll = async (hashes: readonly string[]): Promise<readonly Credential[]> => {
    const removed: Credential[] = [];
    for (let start = 0; start < hashes.length; start += BATCH_CREDENTIALS) {
      removed.push(...((await removeBatch(hashes.slice(start, start + BATCH_CREDENTIALS))) ?? []));
    }
    return removed;
  };
  /** A child that another hub adds meanwhile has lost its parent, and so never counts. */
  const remove = async (ids: readonly string[]) => {
    await refresh();
    return removeAll(withChildren(cache.current(), ({ id }) => ids.includes(id)));
  };
  const removeUnlessLast = async (id: string, others: readonly string[]) => {
    await refresh();
    const known = cache.current();
    const remaining = [...known].filter(([, other]) => others.includes(other.id)).map(([hash]) => hash);
    const own = [...known].filter(([, credential]) => credential.id === id).map(([hash]) => hash);
    const children = withChildren(known, ({ parentId }) => parentId === id);
    if (own.length === 0) return [];
    const removed = remaining.length === 0 ? null : await removeBatch(own, remaining);
    return removed === null ? 'last' : [...removed, ...(await removeAll(children))];
  };
  const removeExpired = async (nowMs: number): Promise<number> => {
    await refresh();
    const known = cache.current();
    const expired = withChildren(known, ({ expiresAtMs }) => expiresAtMs !== null && expiresAtMs <= nowMs);
    const orphans = cache.orphans();
    const removed = await removeAll([...expired, ...orphans]);
    const ids = new Set([...cache.current().values()].map(({ id }) => id));
    const gone = (await redis.hkeys(CREDENTIALS_USED_KEY).catch(rethrow)).filter((id) => !ids.has(id));
    if (gone.length > 0) await redis.hdel(CREDENTIALS_USED_KEY, ...gone).catch(rethrow);
    return removed.length;
  };
  const take = async (hash: Sha256) => {
    const stored = (await change(TAKE_LINK, [hash])) as string | null;
    if (stored !== null) cache.patch(new Map([[hash, null]]));
    return read(stored);
  };
  const lastUsed = async () => {
    const entries = Object.entries(await redis.hgetall(CREDENTIALS_USED_KEY).catch(rethrow));
    const times = entries.map(([id, atMs]) => [id, Number(atMs)] as const);
    return new Map(times.filter(([, atMs]) => Number.isSafeInteger(atMs)));
  };
  const markUsed = async (usedAtMs: ReadonlyMap<string, number>) => {
    if (usedAtMs.size > 0) await redis.hset(CREDENTIALS_USED_KEY, usedAtMs).catch(rethrow);
  };
  return {
    ...{ readAll, refresh, put, renew, putFirst, take, lastUsed, markUsed },
    ...{ remove, removeUnlessLast, removeExpired },
  };
}
