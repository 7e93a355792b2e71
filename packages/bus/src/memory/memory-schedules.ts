import { MAX_SCHEDULES } from '@booner/protocol/limits';
import { shardOfText } from '@booner/protocol/shard';
import type { ScheduleBus } from '../schedule-ports.ts';
import { readSchedule } from '../stored-schedules.ts';
import { accept, type OnRejected } from '../stored-values.ts';
import { isInForce, type LeaseState } from './memory-leases.ts';
import { startMemoryScope } from './memory-scope.ts';

export type MemorySchedulesOptions = { readonly onRejected?: OnRejected };

/** State of schedules that a bus in memory keeps in place of Redis. Values are JSON. */
export const createScheduleState = () => ({ schedules: new Map<string, string>(), version: 0 });

type ScheduleState = ReturnType<typeof createScheduleState>;

/** Starts a hub's side of schedules of a bus in memory. */
export function startMemorySchedules(
  state: ScheduleState,
  leases: LeaseState,
  { onRejected = () => {} }: MemorySchedulesOptions = {},
): ScheduleBus {
  const { side, use } = startMemoryScope();
  const { schedules } = state;
  return {
    ...side,
    readVersion: use(() => ({ version: state.version, nowMs: Date.now() })),
    readAll: use(
      () =>
        new Map(
          [...schedules].flatMap(([name, text]) => {
            const read = accept(readSchedule(name, text), onRejected);
            return read === null ? [] : [[name, read] as const];
          }),
        ),
    ),
    change: use((lease, name, before, after) => {
      if (lease !== null && (lease.shard !== shardOfText(name) || !isInForce(leases, lease)))
        return 'not_held';
      if ((schedules.get(name) ?? null) !== before) return 'conflict';
      if (before === null && schedules.size >= MAX_SCHEDULES) return 'full';
      if (after === null) schedules.delete(name);
      else schedules.set(name, JSON.stringify(after));
      state.version += 1;
      return 'changed';
    }),
  };
}
