import { shardOfText } from '@booner/protocol/shard';
import type { RecordBus } from '../record-ports.ts';
import { type RecordKind, readRecord, SCHEDULES } from '../stored-records.ts';
import { accept, type OnRejected } from '../stored-values.ts';
import { isInForce, type LeaseState } from './memory-leases.ts';
import { startMemoryScope } from './memory-scope.ts';

export type MemoryRecordsOptions = { readonly onRejected?: OnRejected };

/** State of one kind of records that a bus in memory keeps in place of Redis. Values are JSON. */
export const createRecordState = () => ({ records: new Map<string, string>(), version: 0 });

export type RecordState = ReturnType<typeof createRecordState>;

/** Starts a hub's side of schedules of a bus in memory. */
export function startMemorySchedules(
  state: RecordState,
  leases: LeaseState,
  { onRejected = () => {} }: MemoryRecordsOptions = {},
) {
  const { side, use } = startMemoryScope();
  return { ...side, ...recordMethods(SCHEDULES, { state, leases, use, onRejected }) };
}

type Parts = {
  readonly state: RecordState;
  readonly leases: LeaseState;
  readonly use: ReturnType<typeof startMemoryScope>['use'];
  readonly onRejected: OnRejected;
};

/** Returns the methods that all kinds of records have. */
export function recordMethods<Stored extends { readonly name: string }>(
  kind: RecordKind<Stored>,
  { state, leases, use, onRejected }: Parts,
): Pick<RecordBus<Stored>, 'readVersion' | 'readAll' | 'change'> {
  const { records } = state;
  return {
    readVersion: use(() => ({ version: state.version, nowMs: Date.now() })),
    readAll: use(
      () =>
        new Map(
          [...records].flatMap(([name, text]) => {
            const read = accept(readRecord(kind, name, text), onRejected);
            return read === null ? [] : [[name, read] as const];
          }),
        ),
    ),
    change: use((lease, name, before, after) => {
      if (lease !== null && (lease.shard !== shardOfText(name) || !isInForce(leases, lease)))
        return 'not_held';
      if ((records.get(name) ?? null) !== before) return 'conflict';
      if (before === null && records.size >= kind.max) return 'full';
      if (after === null) records.delete(name);
      else records.set(name, JSON.stringify(after));
      state.version += 1;
      return 'changed';
    }),
  };
}
