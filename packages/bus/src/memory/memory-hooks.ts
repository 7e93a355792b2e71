import { MAX_HOOK_DELIVERIES, type RolloutId } from '@booner/protocol';
import { DELIVERIES_TTL_MS, type HookBus, STARTED_TTL_MS } from '../record-ports.ts';
import { HOOKS, readDelivery } from '../stored-records.ts';
import { accept } from '../stored-values.ts';
import type { LeaseState } from './memory-leases.ts';
import { createRecordState, type MemoryRecordsOptions, recordMethods } from './memory-records.ts';
import { startMemoryScope } from './memory-scope.ts';

type Deliveries = { readonly texts: readonly string[]; readonly untilMs: number };

/** State of hooks that a bus in memory keeps in place of Redis. Values are JSON. */
export const createHookState = () => ({
  ...createRecordState(),
  deliveries: new Map<string, Deliveries>(),
  /** Until when each rollout counts as started, in the order of its last delivery. */
  started: new Map<RolloutId, number>(),
});

export type HookState = ReturnType<typeof createHookState>;

/** Starts a hub's side of hooks of a bus in memory. */
export function startMemoryHooks(
  state: HookState,
  leases: LeaseState,
  { onRejected = () => {} }: MemoryRecordsOptions = {},
): HookBus {
  const { side, use } = startMemoryScope();
  const { deliveries, started } = state;
  return {
    ...side,
    ...recordMethods(HOOKS, { state, leases, use, onRejected }),
    noteDelivery: use((name, delivery) => {
      const nowMs = Date.now();
      const texts = [JSON.stringify(delivery), ...(deliveries.get(name)?.texts ?? [])];
      deliveries.set(name, {
        texts: texts.slice(0, MAX_HOOK_DELIVERIES),
        untilMs: nowMs + DELIVERIES_TTL_MS,
      });
      if (delivery.rolloutId === null) return;
      for (const [id, untilMs] of started) if (untilMs <= nowMs) started.delete(id);
      started.set(delivery.rolloutId, nowMs + STARTED_TTL_MS);
    }),
    wasStarted: use((id) => (started.get(id) ?? 0) > Date.now()),
    readDeliveries: use((names, count) =>
      names.map((name) => {
        const { texts, untilMs } = deliveries.get(name) ?? { texts: [], untilMs: 0 };
        if (untilMs <= Date.now()) return [];
        return texts.slice(0, count).flatMap((text) => accept(readDelivery(name, text), onRejected) ?? []);
      }),
    ),
    removeDeliveries: use((name) => void deliveries.delete(name)),
  };
}
