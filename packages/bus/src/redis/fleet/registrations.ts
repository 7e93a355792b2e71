import { type HostId, type Registration, registrationSchema } from '@booner/protocol';
import { REMOVALS_CHANNEL, TARGETS_KEY, targetKey } from '@booner/protocol/redis-names';
import type { Redis } from 'ioredis';
import { BusError } from '../../bus-error.ts';
import { rethrow, toBusError } from '../connection/client.ts';

/** Hosts merged in one call: some 2 ms during which Redis does nothing else. */
const HOSTS_PER_CALL = 200;

/**
 * Merges registrations into the hash of registrations; each host in one step with respect to other writers.
 *
 * KEYS[1] the hash, host -> registration (JSON)
 * ARGV    host, registration (JSON), host, registration …
 * Returns the number of hosts written.
 *
 * The merge is that of `mergeRegistration`; fields that the hub does not know are kept. What is stored and no JSON object is replaced.
 */
const MERGE_REGISTRATIONS = `
local function known(value) return value ~= nil and value ~= cjson.null end
local function pick(choose, a, b)
  if known(a) and known(b) then return choose(a, b) end
  if known(a) then return a end
  if known(b) then return b end
  return cjson.null
end
for i = 1, #ARGV, 2 do
  local given = cjson.decode(ARGV[i + 1])
  local merged = {}
  local text = redis.call('HGET', KEYS[1], ARGV[i])
  if text then
    local ok, stored = pcall(cjson.decode, text)
    if ok and type(stored) == 'table' then merged = stored end
  end
  if not known(merged.label) then merged.label = given.label end
  local ok, first = pcall(pick, math.min, merged.firstSeenAtMs, given.firstSeenAtMs)
  merged.firstSeenAtMs = ok and first or given.firstSeenAtMs
  local ok, last = pcall(pick, math.max, merged.lastSeenAtMs, given.lastSeenAtMs)
  merged.lastSeenAtMs = ok and last or given.lastSeenAtMs
  merged.status = given.status
  redis.call('HSET', KEYS[1], ARGV[i], cjson.encode(merged))
end
return #ARGV / 2
`;

/** Stores registrations as `FleetBus.register` says. Rejects with BusError. */
export async function storeRegistrations(
  redis: Redis,
  registrations: ReadonlyMap<HostId, Registration>,
): Promise<void> {
  const entries = [...registrations].map(([host, registration]) => [host, JSON.stringify(registration)]);
  for (let start = 0; start < entries.length; start += HOSTS_PER_CALL) {
    const part = entries.slice(start, start + HOSTS_PER_CALL).flat();
    try {
      await redis.eval(MERGE_REGISTRATIONS, 1, TARGETS_KEY, ...part);
    } catch (error) {
      throw toBusError(error);
    }
  }
}

/**
 * Registers one host, or gives it another label, in one step with respect to other writers.
 *
 * KEYS[1] the hash, host -> registration (JSON)
 * ARGV    host, registration if there is none (JSON), label or empty
 * Returns the registration as it is stored now (JSON)
 */
const ADD_REGISTRATION = `
local text = redis.call('HGET', KEYS[1], ARGV[1])
local ok, registration = pcall(cjson.decode, text or ARGV[2])
if not ok or type(registration) ~= 'table' then registration = cjson.decode(ARGV[2]) end
if ARGV[3] ~= '' then registration.label = ARGV[3] end
local json = cjson.encode(registration)
redis.call('HSET', KEYS[1], ARGV[1], json)
return json
`;

/** Registers a host as `FleetBus.add` says. Rejects with BusError. */
export async function addRegistration(
  redis: Redis,
  host: HostId,
  label: string | null,
): Promise<Registration> {
  const fresh = JSON.stringify(registrationSchema.parse({ label }));
  const json = await redis.eval(ADD_REGISTRATION, 1, TARGETS_KEY, host, fresh, label ?? '').catch(rethrow);
  const stored = registrationSchema.safeParse(JSON.parse(String(json)));
  if (!stored.success)
    throw new BusError('refused', `what is stored of ${host} in ${TARGETS_KEY} is no registration`);
  return stored.data;
}

/** Forgets a target as `FleetBus.remove` says, in one step. Rejects with BusError. */
export async function removeTarget(redis: Redis, host: HostId): Promise<boolean> {
  const replies = await redis
    .multi()
    .hdel(TARGETS_KEY, host)
    .del(targetKey(host))
    .publish(REMOVALS_CHANNEL, host)
    .exec()
    .catch(rethrow);
  if (replies === null) throw new BusError('disconnected', 'there was no reply');
  const counts = replies.map(([error, count]) => (error === null ? Number(count) : rethrow(error)));
  return counts.slice(0, 2).some((count) => count > 0);
}
