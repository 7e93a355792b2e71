import type { Machine, MachineContext } from './machine.ts';

/** Limit for opening a WebSocket. Polling begins before that. */
const OPENING_DEADLINE_MS = 10_000;
/**
 * An irregular stream is probed after this silence and closed if it does not answer in time: 8.5 s
 * in total.
 */
const PROBE_AFTER_MS = 4500;
const PROBE_DEADLINE_MS = 4000;
const SHORTEST_SILENCE_MS = 5000;

export type DueWork = 'give up opening' | 'give up silent' | 'open' | 'probe' | 'begin polling' | 'poll';

export type Deadline = { readonly atMs: number; readonly work: DueWork };

/**
 * At an interval of 3 s, a stream counts as silent after 8.5 s: two messages are missing, and the
 * third is almost due.
 */
const silentAfterMs = (intervalMs: number): number => Math.max(SHORTEST_SILENCE_MS, 2.5 * intervalMs + 1000);

/** The next scheduled task of a machine, or `null` if it only waits for others. */
export function nextDeadline(machine: Machine, context: MachineContext): Deadline | null {
  return deadlinesOf(machine, context).reduce<Deadline | null>(
    (first, each) => (first === null || each.atMs < first.atMs ? each : first),
    null,
  );
}

/** Returns the task that is due first, if any is. */
export function dueWork(machine: Machine, context: MachineContext): DueWork | null {
  const deadline = nextDeadline(machine, context);
  return deadline !== null && deadline.atMs <= context.nowMs ? deadline.work : null;
}

function deadlinesOf(
  { socket, poll, fallbackAtMs }: Machine,
  { intervalMs, isRegular }: MachineContext,
): Deadline[] {
  const deadlines: Deadline[] = [];
  const add = (atMs: number | null, work: DueWork) => {
    if (atMs !== null) deadlines.push({ atMs, work });
  };
  if (socket.type === 'opening') add(socket.sinceMs + OPENING_DEADLINE_MS, 'give up opening');
  if (socket.type === 'waiting') add(socket.retryAtMs, 'open');
  if (socket.type === 'open') {
    if (isRegular) add(socket.receivedAtMs + silentAfterMs(intervalMs), 'give up silent');
    if (socket.probedAtMs !== null) add(socket.probedAtMs + PROBE_DEADLINE_MS, 'give up silent');
    else if (!isRegular) add(socket.receivedAtMs + PROBE_AFTER_MS, 'probe');
  }
  add(fallbackAtMs, 'begin polling');
  if (poll.type === 'waiting') add(poll.dueAtMs, 'poll');
  return deadlines;
}
