import {
  type BackfillAnswer,
  type HostId,
  type Inventory,
  type PasswordOffer,
  parseHostId,
  type Registration,
} from '@booner/protocol';
import { hostOfTargetKey, TARGET_PATTERN, TARGETS_KEY, targetKey } from '@booner/protocol/redis-names';
import { sleep } from '@booner/service/abort';
import type { Redis } from 'ioredis';
import {
  accept,
  MAX_VALUE_BYTES,
  type OnRejected,
  readBackfillAnswer,
  readInventory,
  readPasswordOffer,
  readRegistration,
  readStoredSample,
  reject,
  type SampleWithText,
} from '../../stored-values.ts';
import { luaText } from '../connection/lua-text.ts';
import { isWrongType, readBatch } from '../connection/read-batch.ts';
import { defineScript, runReadScript } from '../connection/run-script.ts';
import { pause, scanKeys } from '../connection/scan-keys.ts';

/** Hashes read in one round trip. */
const BATCH_HOSTS = 100;
/**
 * Bytes read in one round trip, and one value more, and parsed before the event loop gets a turn:
 * about 5 ms of work.
 */
const BATCH_BYTES = 2 * MAX_VALUE_BYTES;
/** An agent stores five fields. */
const MAX_FIELDS = 16;
/** Memory of a hash in Redis. An agent's is at most three values large. */
const MAX_HASH_BYTES = 8 * MAX_VALUE_BYTES;
/** Registrations parsed before the event loop gets a turn. */
const REGISTRATIONS_PER_TURN = 1000;

const READ_TARGETS = defineScript([luaText('fleet/scripts/read-targets')], 'no-writes');
/** Kinds of replies of the script. */
const [VALUES, NO_HASH] = [0, 1];

export type FleetReaderOptions = {
  readonly onRejected: OnRejected;
  /**
   * Called for a hash that no agent stores: it has too many fields or is too large. Its values were
   * not read. `detail` is a sentence.
   */
  readonly onOversized: (host: HostId, detail: string) => void;
  readonly signal: AbortSignal;
};

type Field = 'sample' | 'inventory' | 'passwords' | 'backfill';
type StoredFields = readonly [host: HostId, values: readonly (Buffer | null)[]];

/** The stored values of one target, with the text of its sample. */
export type ReadTarget = {
  readonly host: HostId;
  readonly stored: SampleWithText | null;
  readonly inventory: Inventory | null;
};

export type FleetReader = ReturnType<typeof createFleetReader>;

/**
 * Reads what is stored of targets over one connection. All methods reject with BusError, also
 * between two batches after the abort; what cannot be parsed is left out.
 */
export function createFleetReader(redis: Redis, { onRejected, onOversized, signal }: FleetReaderOptions) {
  /**
   * Yields some fields of some targets' hashes in batches. A key that is not a hash, or a large
   * one, has none.
   */
  async function* readFields(
    hosts: readonly HostId[],
    fields: readonly Field[],
    spreadMs = 0,
  ): AsyncGenerator<readonly StoredFields[]> {
    const pauseMs = (spreadMs * BATCH_HOSTS) / hosts.length;
    for (let start = 0; start < hosts.length; ) {
      const keys = hosts.slice(start, start + BATCH_HOSTS).map(targetKey);
      const limits = [MAX_FIELDS, MAX_HASH_BYTES, BATCH_BYTES];
      const replies = await runReadScript(redis, READ_TARGETS, keys, [...limits, ...fields]);
      const batch = replies as unknown[][];
      yield batch.map((reply, index) => parseReply(hosts[start + index] as HostId, reply, fields));
      start += batch.length;
      if (start < hosts.length && pauseMs > 1) await sleep(pauseMs, signal);
      await pause(signal);
    }
  }
  const parseReply = (host: HostId, [kind, ...rest]: unknown[], fields: readonly Field[]): StoredFields => {
    if (kind === VALUES) return [host, rest as (Buffer | null)[]];
    if (kind === NO_HASH) {
      if (fields.length === 0) return [host, []];
      onRejected(reject('wrong_shape', host, "the key of the target's state is not a hash").rejection);
    } else {
      const [count, bytes] = rest as [number, number];
      onOversized(host, bytes === 0 ? `it stored ${count} fields` : `it stored ${bytes} bytes`);
    }
    return [host, []];
  };

  return {
    /** Every host of which something is stored. */
    findHosts: async (): Promise<HostId[]> => {
      const hosts: HostId[] = [];
      for (const key of await scanKeys(redis, TARGET_PATTERN, signal)) {
        const host = hostOfTargetKey(key);
        if (host !== null) hosts.push(host);
        else onRejected(reject('bad_host', null, 'a key of a target does not name a valid host').rejection);
      }
      return hosts;
    },

    /**
     * Yields the last sample of targets, and their inventory if it is wanted, in batches.
     * @param spreadMs time over which the work is spread
     */
    readTargets: async function* (
      hosts: readonly HostId[],
      { withInventories, spreadMs = 0 }: { readonly withInventories: boolean; readonly spreadMs?: number },
    ): AsyncGenerator<readonly ReadTarget[]> {
      const fields: readonly Field[] = withInventories ? ['sample', 'inventory'] : ['sample'];
      for await (const batch of readFields(hosts, fields, spreadMs)) {
        yield batch.map(([host, [sample, inventory]]) => ({
          host,
          stored: sample == null ? null : accept(readStoredSample(host, sample), onRejected),
          inventory: inventory == null ? null : accept(readInventory(host, inventory), onRejected),
        }));
      }
    },

    /** Looks for large hashes, without reading any value. */
    checkSizes: async (hosts: readonly HostId[], spreadMs: number): Promise<void> => {
      for await (const _ of readFields(hosts, [], spreadMs));
    },

    /** The inventories of those hosts that have one. */
    readInventories: async (hosts: readonly HostId[]): Promise<ReadonlyMap<HostId, Inventory>> => {
      const inventories = new Map<HostId, Inventory>();
      for await (const batch of readFields(hosts, ['inventory'])) {
        for (const [host, [stored]] of batch) {
          const inventory = stored == null ? null : accept(readInventory(host, stored), onRejected);
          if (inventory !== null) inventories.set(host, inventory);
        }
      }
      return inventories;
    },

    readPasswordOffer: async (host: HostId): Promise<PasswordOffer | null> => {
      let offer: PasswordOffer | null = null;
      for await (const [target] of readFields([host], ['passwords'])) {
        const stored = target?.[1][0] ?? null;
        if (stored !== null) offer = accept(readPasswordOffer(host, stored), onRejected);
      }
      return offer;
    },

    /** An answer of the agent to a request for samples; `null` without one. */
    readBackfill: async (host: HostId): Promise<BackfillAnswer | null> => {
      let answer: BackfillAnswer | null = null;
      for await (const [target] of readFields([host], ['backfill'])) {
        const stored = target?.[1][0] ?? null;
        if (stored !== null && stored.length > 0)
          answer = accept(readBackfillAnswer(host, stored), onRejected);
      }
      return answer;
    },

    /** Every registration. */
    readRegistrations: async (): Promise<ReadonlyMap<HostId, Registration>> => {
      const registrations = new Map<HostId, Registration>();
      const [reply] = await readBatch(redis, (pipeline) => pipeline.hgetallBuffer(TARGETS_KEY));
      if (isWrongType(reply?.[0])) {
        onRejected(reject('wrong_shape', null, `the key ${TARGETS_KEY} is not a hash`).rejection);
        return registrations;
      }
      const entries = Object.entries(reply?.[1] as Record<string, Buffer>);
      for (const [index, [text, stored]] of entries.entries()) {
        const host = parseHostId(text);
        if (host === null || host !== text) {
          onRejected(reject('bad_host', null, 'a registration does not name a valid host').rejection);
          continue;
        }
        const registration = accept(readRegistration(host, stored), onRejected);
        if (registration !== null) registrations.set(host, registration);
        if (index % REGISTRATIONS_PER_TURN === REGISTRATIONS_PER_TURN - 1) await pause(signal);
      }
      return registrations;
    },
  };
}
