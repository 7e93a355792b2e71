import type { BoonerClient } from '@booner/client';
import type { TargetSummary } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useSyncExternalStore } from 'react';
import { countTrouble, createTroubleOrder, type RankedTargets } from './trouble-order.ts';

const NONE: RankedTargets = { targets: [], ranks: new Map() };

/** One order per client, so that header, title and list agree. */
const orders = new WeakMap<BoonerClient, () => RankedTargets>();

function orderOf(client: BoonerClient): () => RankedTargets {
  const order = createTroubleOrder();
  let of: ReadonlyMap<string, TargetSummary> | null = null;
  let ranked = NONE;
  return () => {
    const fleet = client.fleet.getSnapshot();
    if (fleet === null) return NONE;
    if (fleet.targets !== of) {
      of = fleet.targets;
      ranked = order([...of.values()], fleet.sentAtMs);
    }
    return ranked;
  };
}

function useOrder<T>(select: (ranked: RankedTargets) => T): T {
  const client = useBoonerClient();
  let read = orders.get(client);
  if (read === undefined) {
    read = orderOf(client);
    orders.set(client, read);
  }
  const ranked = read;
  return useSyncExternalStore(client.fleet.subscribe, () => select(ranked()));
}

/** Returns all targets, those in trouble first. The same object while no target changes. */
export const useRankedTargets = (): RankedTargets => useOrder((ranked) => ranked);

/** Returns the number of targets that are offline or short of a resource. */
export const useTroubleCount = (): number => useOrder(countTrouble);
