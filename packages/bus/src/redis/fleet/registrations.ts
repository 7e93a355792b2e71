import {
  type HostId,
  type LabelChanges,
  MAX_LABELS,
  type Quarantine,
  type Registration,
  registrationSchema,
} from '@booner/protocol';
import {
  REGISTRATIONS_CHANNEL,
  REMOVALS_CHANNEL,
  TARGETS_KEY,
  targetKey,
} from '@booner/protocol/redis-names';
import type { Redis } from 'ioredis';
import { BusError } from '../../bus-error.ts';
import type { LabelsOutcome } from '../../ports.ts';
import { rethrow } from '../connection/client.ts';
import { luaText } from '../connection/lua-text.ts';
import { defineScript } from '../connection/run-script.ts';
import { runTransaction } from '../connection/run-transaction.ts';

/** Hosts merged in one call: about 2 ms during which Redis does nothing else. */
const HOSTS_PER_CALL = 200;

const MERGE_REGISTRATIONS = luaText('fleet/scripts/merge-registrations');
const ADD_REGISTRATION = luaText('fleet/scripts/add-registration');
const CHANGE_LABELS = luaText('fleet/scripts/change-labels');
/** Also runs in a full Redis, which a flood may have filled. */
const QUARANTINE_TARGET = defineScript([luaText('fleet/scripts/quarantine-target')], 'allow-oom').lua;
const RELEASE_TARGET = defineScript([luaText('fleet/scripts/release-target')], 'allow-oom').lua;

/** Stores registrations as `FleetBus.register` says. Rejects with BusError. */
export async function storeRegistrations(
  redis: Redis,
  registrations: ReadonlyMap<HostId, Registration>,
): Promise<void> {
  const entries = [...registrations].map(([host, registration]) => [host, JSON.stringify(registration)]);
  for (let start = 0; start < entries.length; start += HOSTS_PER_CALL) {
    const part = entries.slice(start, start + HOSTS_PER_CALL).flat();
    await redis.eval(MERGE_REGISTRATIONS, 1, TARGETS_KEY, ...part).catch(rethrow);
  }
}

/** Registers a host as `FleetBus.add` says. Rejects with BusError. */
export async function addRegistration(
  redis: Redis,
  host: HostId,
  label: string | null,
): Promise<Registration> {
  const fresh = JSON.stringify(registrationSchema.parse({ label }));
  const json = await redis
    .eval(ADD_REGISTRATION, 1, TARGETS_KEY, host, fresh, label ?? '', REGISTRATIONS_CHANNEL)
    .catch(rethrow);
  return parseStored(host, String(json));
}

/** Changes labels as `FleetBus.changeLabels` says. Rejects with BusError. */
export async function changeLabels(
  redis: Redis,
  host: HostId,
  changes: LabelChanges,
  unstored: Registration | null,
): Promise<LabelsOutcome> {
  const fresh = unstored === null ? '' : JSON.stringify(unstored);
  const args = [host, JSON.stringify(changes), fresh, MAX_LABELS, REGISTRATIONS_CHANNEL];
  const reply = String(await redis.eval(CHANGE_LABELS, 1, TARGETS_KEY, ...args).catch(rethrow));
  if (reply === 'unregistered' || reply === 'too_many') return { type: reply };
  return { type: 'changed', registration: parseStored(host, reply) };
}

/** Quarantines a host as `FleetBus.quarantine` says. Rejects with BusError. */
export async function quarantineTarget(
  redis: Redis,
  host: HostId,
  quarantine: Quarantine,
): Promise<{ readonly isNew: boolean; readonly registration: Registration }> {
  const fresh = JSON.stringify(registrationSchema.parse({}));
  const args = [host, JSON.stringify(quarantine), fresh, REGISTRATIONS_CHANNEL];
  const reply = await redis.eval(QUARANTINE_TARGET, 1, TARGETS_KEY, ...args).catch(rethrow);
  const [isNew, json] = reply as [number, string];
  return { isNew: isNew === 1, registration: parseStored(host, json) };
}

/**
 * Ends a quarantine as `FleetBus.release` says. Rejects with BusError.
 * @returns `null` if the host was not quarantined
 */
export async function releaseTarget(redis: Redis, host: HostId): Promise<Registration | null> {
  const json = await redis.eval(RELEASE_TARGET, 1, TARGETS_KEY, host, REGISTRATIONS_CHANNEL).catch(rethrow);
  return json === null ? null : parseStored(host, String(json));
}

function parseStored(host: HostId, json: string): Registration {
  const stored = registrationSchema.safeParse(JSON.parse(json));
  if (!stored.success) {
    const message = `the registration of ${host} in ${TARGETS_KEY} cannot be read: correct or delete it`;
    throw new BusError('refused', message);
  }
  return stored.data;
}

/** Removes a target as `FleetBus.remove` says, in one step. Rejects with BusError. */
export async function removeTarget(redis: Redis, host: HostId): Promise<boolean> {
  const counts = await runTransaction(redis, (transaction) => {
    transaction.hdel(TARGETS_KEY, host).unlink(targetKey(host)).publish(REMOVALS_CHANNEL, host);
  });
  return counts.slice(0, 2).some((count) => Number(count) > 0);
}
