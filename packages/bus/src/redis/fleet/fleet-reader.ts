import { type HostId, type Inventory, parseHostId, type Registration } from '@booner/protocol';
import { hostOfTargetKey, TARGET_PATTERN, TARGETS_KEY, targetKey } from '@booner/protocol/redis-names';
import type { Redis } from 'ioredis';
import type { Rejection, StoredTarget } from '../../ports.ts';
import {
  type Reading,
  readInventory,
  readRegistration,
  readStoredSample,
  reject,
} from '../../stored-values.ts';
import { isWrongType, readBatch } from '../connection/read-batch.ts';
import { pause, scanKeys } from '../connection/scan-keys.ts';

/** Hashes read in one round trip, and judged before the event loop has its turn: about 5 ms of work. */
const BATCH_HOSTS = 100;
/** Registrations judged before the event loop has its turn. */
const REGISTRATIONS_PER_TURN = 1000;

export type Report = (rejection: Rejection) => void;

/** Reads the last value of every target and every registration. Rejects with BusError; stops between two batches on abort. */
export async function readEverything(redis: Redis, report: Report, signal: AbortSignal) {
  const hosts = await findHosts(redis, report, signal);
  const targets: StoredTarget[] = [];
  for (const batch of batches(hosts)) {
    const fields = await readFields(redis, batch, ['sample', 'inventory'], report);
    for (const [host, [sample, inventory]] of fields) {
      targets.push({
        host,
        sample: sample == null ? null : accept(readStoredSample(host, sample), report),
        inventory: inventory == null ? null : accept(readInventory(host, inventory), report),
      });
    }
    await pause(signal);
  }
  return { targets, registrations: await readRegistrations(redis, report, signal) };
}

/** The readable inventories of some hosts. Rejects with BusError. */
export async function readInventories(
  redis: Redis,
  hosts: readonly HostId[],
  report: Report,
  signal: AbortSignal,
) {
  const inventories = new Map<HostId, Inventory>();
  for (const batch of batches(hosts)) {
    for (const [host, [stored]] of await readFields(redis, batch, ['inventory'], report)) {
      const inventory = stored == null ? null : accept(readInventory(host, stored), report);
      if (inventory !== null) inventories.set(host, inventory);
    }
    await pause(signal);
  }
  return inventories;
}

async function findHosts(redis: Redis, report: Report, signal: AbortSignal): Promise<HostId[]> {
  const hosts: HostId[] = [];
  for (const key of await scanKeys(redis, TARGET_PATTERN, signal)) {
    const host = hostOfTargetKey(key);
    if (host === null) accept(reject('bad_host', null, 'a key of a target names no valid host'), report);
    else hosts.push(host);
  }
  return hosts;
}

/** Every readable registration. Rejects with BusError. */
export async function readRegistrations(redis: Redis, report: Report, signal: AbortSignal) {
  const registrations = new Map<HostId, Registration>();
  const [reply] = await readBatch(redis, (pipeline) => pipeline.hgetallBuffer(TARGETS_KEY));
  if (isWrongType(reply?.[0])) {
    accept(reject('wrong_shape', null, `the key ${TARGETS_KEY} is no hash`), report);
    return registrations;
  }
  const entries = Object.entries(reply?.[1] as Record<string, Buffer>);
  for (const [index, [text, stored]] of entries.entries()) {
    const host = parseHostId(text);
    if (host === null || host !== text) {
      accept(reject('bad_host', null, 'a registration names no valid host'), report);
      continue;
    }
    const registration = accept(readRegistration(host, stored), report);
    if (registration !== null) registrations.set(host, registration);
    if (index % REGISTRATIONS_PER_TURN === REGISTRATIONS_PER_TURN - 1) await pause(signal);
  }
  return registrations;
}

/** Some fields of some targets' hashes; a key that is no hash is reported and has none. */
async function readFields(redis: Redis, hosts: readonly HostId[], fields: string[], report: Report) {
  const replies = await readBatch(redis, (pipeline) => {
    for (const host of hosts) pipeline.hmgetBuffer(targetKey(host), ...fields);
  });
  return hosts.map((host, index): [HostId, (Buffer | null)[]] => {
    const [error, values] = replies[index] ?? [];
    if (!isWrongType(error)) return [host, values as (Buffer | null)[]];
    accept(reject('wrong_shape', host, "the key of the target's state is no hash"), report);
    return [host, []];
  });
}

function accept<T>(reading: Reading<T>, report: Report): T | null {
  if (reading.ok) return reading.value;
  report(reading.rejection);
  return null;
}

function* batches(hosts: readonly HostId[]) {
  for (let start = 0; start < hosts.length; start += BATCH_HOSTS)
    yield hosts.slice(start, start + BATCH_HOSTS);
}
