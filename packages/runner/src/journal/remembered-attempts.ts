import type { AttemptToken, TaskId } from '@booner/protocol/task-id';
import type { EndedEntry, JournalEntry, StartedEntry } from './journal-entry.ts';

/**
 * Settled attempts are remembered for this long: a Redis that lost its last second in a power cut
 * may offer a task again that has ended, and it must not run a second time.
 */
const SETTLED_KEPT_MS = 10 * 60_000;
const MAX_SETTLED = 200;
/** More than a host runs at a time. Without an expiry: a task may wait for its runner for days. */
const MAX_INTERRUPTED = 200;

/** The state that the entries of a journal add up to. */
export type RememberedAttempts = {
  apply(entry: JournalEntry): void;
  /** Attempts that were started and have no known end. */
  running(): readonly StartedEntry[];
  /** Ends that the hubs may not know yet. */
  unsettled(): readonly EndedEntry[];
  /** The last known end of a task, including settled ones for as long as they are remembered. */
  endOf(task: TaskId): EndedEntry | null;
  /** Number of starts of a task that was interrupted and may start again; 0 if it was not. */
  startsOf(task: TaskId): number;
  /** Returns entries with the same meaning, without those that are no longer needed. */
  compacted(nowMs: number): JournalEntry[];
};

type Attempt = { started: StartedEntry | null; ended: EndedEntry | null };

export function rememberAttempts(entries: Iterable<JournalEntry> = []): RememberedAttempts {
  const open = new Map<AttemptToken, Attempt>();
  const settled = new Map<AttemptToken, { readonly ended: EndedEntry; readonly atMs: number }>();

  /** The last starts of tasks that may start again. */
  const interrupted = new Map<TaskId, StartedEntry>();

  const interrupt = (entry: StartedEntry) => {
    interrupted.set(entry.task, entry);
    for (const task of interrupted.keys()) {
      if (interrupted.size <= MAX_INTERRUPTED) break;
      interrupted.delete(task);
    }
  };
  const forgetOld = (nowMs: number) => {
    for (const [attempt, { atMs }] of settled) {
      // In the order of settling.
      if (settled.size <= MAX_SETTLED && Math.abs(nowMs - atMs) <= SETTLED_KEPT_MS) break;
      settled.delete(attempt);
    }
  };
  const apply = (entry: JournalEntry) => {
    const attempt = open.get(entry.attempt) ?? { started: null, ended: null };
    switch (entry.type) {
      case 'started':
        attempt.started = entry;
        open.set(entry.attempt, attempt);
        interrupted.delete(entry.task);
        return;
      case 'ended':
        attempt.ended = entry;
        open.set(entry.attempt, attempt);
        interrupted.delete(entry.task);
        return;
      case 'settled':
        open.delete(entry.attempt);
        if (attempt.ended !== null) settled.set(entry.attempt, { ended: attempt.ended, atMs: entry.atMs });
        else if (attempt.started !== null) interrupt(attempt.started);
        forgetOld(entry.atMs);
        return;
      default:
        entry satisfies never;
    }
  };
  for (const entry of entries) apply(entry);
  return {
    apply,
    running: () =>
      [...open.values()].flatMap(({ started, ended }) => (ended === null && started ? [started] : [])),
    unsettled: () => [...open.values()].flatMap(({ ended }) => ended ?? []),
    endOf: (task) => {
      const ends = [
        ...[...settled.values()].map(({ ended }) => ended),
        ...[...open.values()].map(({ ended }) => ended),
      ];
      return ends.findLast((ended) => ended?.task === task) ?? null;
    },
    startsOf: (task) => interrupted.get(task)?.number ?? 0,
    compacted: (nowMs) => {
      forgetOld(nowMs);
      return [
        ...[...settled].flatMap(([attempt, { ended, atMs }]): JournalEntry[] => [
          ended,
          { type: 'settled', task: ended.task, attempt, atMs },
        ]),
        ...[...open.values()].map(({ started, ended }) => (ended ?? started) as JournalEntry),
        ...[...interrupted.values()].flatMap((started): JournalEntry[] => [
          started,
          { type: 'settled', task: started.task, attempt: started.attempt, atMs: started.atMs },
        ]),
      ];
    },
  };
}
