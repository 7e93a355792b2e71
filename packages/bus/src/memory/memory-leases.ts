import { ALL_SHARDS } from '@booner/protocol/shard';
import { createLeaseListeners } from '../lease-listeners.ts';
import type { Lease, LeaseBus } from '../lease-ports.ts';
import { startMemoryScope } from './memory-scope.ts';

/** State of leases that a bus in memory keeps in place of Redis. */
export function createLeaseState() {
  return {
    epoch: 0,
    /** The hubs in the order of their starts. The first one holds every shard. */
    hubs: [] as { readonly grantAll: () => void; readonly leases: readonly Lease[] }[],
  };
}

export type LeaseState = ReturnType<typeof createLeaseState>;

/** Returns true if a lease is in force. */
export const isInForce = ({ hubs }: LeaseState, { shard, hub, epoch }: Lease): boolean =>
  hubs[0]?.leases.some((each) => each.shard === shard && each.hub === hub && each.epoch === epoch) ?? false;

/** Starts a hub's side of leases in memory: it holds every shard, unless another hub does. */
export function startMemoryLeases(state: LeaseState, { hub }: { readonly hub: string }): LeaseBus {
  const { side, use, end } = startMemoryScope();
  let isStopping = false;
  let leases: readonly Lease[] = [];
  const listeners = createLeaseListeners(() => leases);
  const place = {
    get leases() {
      return leases;
    },
    grantAll: () => {
      leases = ALL_SHARDS.map((shard) => ({ shard, hub, epoch: ++state.epoch }));
      listeners.gained(leases);
    },
  };
  state.hubs.push(place);
  if (state.hubs[0] === place) place.grantAll();

  return {
    ...side,
    hub,
    leaseOf: (shard) => leases[shard] ?? null,
    held: () => leases,
    follow: listeners.follow,
    confirm: use((lease) => isInForce(state, lease)),
    [Symbol.asyncDispose]: async () => {
      if (isStopping) return;
      isStopping = true;
      const released = leases;
      leases = [];
      await listeners.released(released);
      state.hubs.splice(state.hubs.indexOf(place), 1);
      end();
      if (released.length > 0) state.hubs[0]?.grantAll();
    },
  };
}
