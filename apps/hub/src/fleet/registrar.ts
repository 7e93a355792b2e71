import type { FleetBus } from '@booner/bus';
import type { HostId, Registration } from '@booner/protocol';
import { createFailureLog, type Logger, runLoop } from '@booner/service';
import type { Fleet } from './fleet.ts';
import type { TargetEntry } from './target-entry.ts';

/** Interval at which changed registrations are stored. */
const STORE_INTERVAL_MS = 2000;
/** Interval at which inventories of new targets are read. A target is shown only after that. */
const DESCRIBE_INTERVAL_MS = 100;
/** Interval at which registrations are read again, as other hubs and operators may change them. */
const REFRESH_INTERVAL_MS = 30_000;
/** A stored `lastSeenAtMs` may be this old while the target is active. */
const LAST_SEEN_PRECISION_MS = 60_000;

export type RegistrarDeps = {
  readonly fleet: Fleet;
  readonly bus: Pick<
    FleetBus,
    'connection' | 'whenConnected' | 'register' | 'readRegistrations' | 'readInventories'
  >;
  readonly log: Logger;
};

/**
 * Synchronizes the fleet with the bus: registrations both ways, and changed inventories of agents.
 * Pauses during an outage of the bus and catches up afterwards.
 */
export function runRegistrar(
  { fleet, bus, log }: RegistrarDeps,
  { signal }: { signal: AbortSignal },
): Promise<unknown> {
  const stored = new Map<HostId, Registration>();
  /** Start of the connection on which everything has been stored. */
  let storedSinceMs: number | null = null;

  async function describe(hosts: readonly HostId[]) {
    if (hosts.length === 0) return;
    fleet.onInventories(hosts, await bus.readInventories(hosts));
  }

  async function store() {
    const { sinceMs } = bus.connection();
    if (sinceMs !== storedSinceMs) stored.clear(); // the bus may have lost its data
    for (const host of stored.keys()) {
      // removed; if it reappears, it is stored again
      if (fleet.get(host) === null) stored.delete(host);
    }
    const due = new Map<HostId, Registration>();
    const outdated: HostId[] = [];
    for (const entry of fleet.entries()) {
      if (isDue(entry, stored.get(entry.host))) due.set(entry.host, entry.registration);
      if (entry.inventoryIsStale) outdated.push(entry.host);
    }
    await describe(outdated);
    if (due.size > 0) {
      await bus.register(due);
      for (const [host, registration] of due) stored.set(host, registration);
    }
    storedSinceMs = sinceMs;
  }

  async function refresh() {
    // otherwise targets that are not stored yet would seem removed
    if (bus.connection().sinceMs !== storedSinceMs) return;
    let registrations = await bus.readRegistrations();
    for (const host of stored.keys()) {
      if (!registrations.has(host)) stored.delete(host); // removed by an operator
    }
    // Registered by others and not shown here yet.
    const unknown = [...registrations.keys()].filter((host) => fleet.get(host) === null);
    if (unknown.length === 0) return fleet.onRegistrations(registrations);
    const inventories = await bus.readInventories(unknown);
    registrations = await bus.readRegistrations(); // labels may have changed meanwhile
    fleet.onRegistrations(registrations, inventories);
  }

  const failures = createFailureLog(log, {
    failing: 'registrations cannot be exchanged with the bus',
    recovered: 'registrations are exchanged with the bus again',
  });
  const repeat = (run: () => Promise<void>, intervalMs: number, phaseMs = 0) =>
    runLoop({ run, intervalMs, phaseMs, ready: bus.whenConnected, failures }, { signal });
  return Promise.all([
    repeat(() => describe(fleet.undescribed()), DESCRIBE_INTERVAL_MS),
    repeat(store, STORE_INTERVAL_MS),
    repeat(refresh, REFRESH_INTERVAL_MS, REFRESH_INTERVAL_MS),
  ]);
}

function isDue({ registration }: TargetEntry, before: Registration | undefined): boolean {
  // never reported: only the operator's registration counts
  if (registration.firstSeenAtMs === null) return false;
  if (before === undefined || before.status !== registration.status) return true;
  return (registration.lastSeenAtMs ?? 0) - (before.lastSeenAtMs ?? 0) > LAST_SEEN_PRECISION_MS;
}
