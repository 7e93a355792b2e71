import { type HostId, type Inventory, parseHostId, type Registration } from '@booner/protocol';
import { hostOfTargetKey, TARGET_PATTERN, TARGETS_KEY, targetKey } from '@booner/protocol/redis-names';
import type { Redis } from 'ioredis';
import type { StoredTarget } from '../../ports.ts';
import {
  accept,
  type OnRejected,
  readInventory,
  readRegistration,
  readStoredSample,
  reject,
} from '../../stored-values.ts';
import { isWrongType, readBatch } from '../connection/read-batch.ts';
import { pause, scanKeys } from '../connection/scan-keys.ts';

/**
 * Hashes read in one round trip and parsed before the event loop gets a turn: about 5 ms of work.
 */
const BATCH_HOSTS = 100;
/** Registrations parsed before the event loop gets a turn. */
const REGISTRATIONS_PER_TURN = 1000;

/**
 * Reads what is stored of targets over one connection. All methods reject with BusError, also
 * between two batches after the abort; what cannot be parsed is left out.
 */
export function createFleetReader(redis: Redis, onRejected: OnRejected, signal: AbortSignal) {
  const findHosts = async (): Promise<HostId[]> => {
    const hosts: HostId[] = [];
    for (const key of await scanKeys(redis, TARGET_PATTERN, signal)) {
      const host = hostOfTargetKey(key);
      if (host !== null) hosts.push(host);
      else onRejected(reject('bad_host', null, 'a key of a target does not name a valid host').rejection);
    }
    return hosts;
  };
  /** Some fields of some targets' hashes. A key that is not a hash has none. */
  const readFields = async (hosts: readonly HostId[], fields: string[]) => {
    const replies = await readBatch(redis, (pipeline) => {
      for (const host of hosts) pipeline.hmgetBuffer(targetKey(host), ...fields);
    });
    return hosts.map((host, index): [HostId, (Buffer | null)[]] => {
      const [error, values] = replies[index] ?? [];
      if (!isWrongType(error)) return [host, values as (Buffer | null)[]];
      onRejected(reject('wrong_shape', host, "the key of the target's state is not a hash").rejection);
      return [host, []];
    });
  };

  return {
    /** The last sample and the inventory of every target. */
    readTargets: async (): Promise<readonly StoredTarget[]> => {
      const targets: StoredTarget[] = [];
      for (const batch of batches(await findHosts())) {
        for (const [host, [sample, inventory]] of await readFields(batch, ['sample', 'inventory'])) {
          targets.push({
            host,
            sample: sample == null ? null : accept(readStoredSample(host, sample), onRejected),
            inventory: inventory == null ? null : accept(readInventory(host, inventory), onRejected),
          });
        }
        await pause(signal);
      }
      return targets;
    },

    /** The inventories of those hosts that have one. */
    readInventories: async (hosts: readonly HostId[]): Promise<ReadonlyMap<HostId, Inventory>> => {
      const inventories = new Map<HostId, Inventory>();
      for (const batch of batches(hosts)) {
        for (const [host, [stored]] of await readFields(batch, ['inventory'])) {
          const inventory = stored == null ? null : accept(readInventory(host, stored), onRejected);
          if (inventory !== null) inventories.set(host, inventory);
        }
        await pause(signal);
      }
      return inventories;
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

export type FleetReader = ReturnType<typeof createFleetReader>;

function* batches(hosts: readonly HostId[]) {
  for (let start = 0; start < hosts.length; start += BATCH_HOSTS)
    yield hosts.slice(start, start + BATCH_HOSTS);
}
