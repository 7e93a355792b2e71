import { hasEnded, type TaskChange, type TaskStatus } from '@booner/protocol';
import type { CancelOutcome, ExternalChange, LostOutcome } from '../task-ports.ts';
import { limitOf, type Step, type TaskRecord, withAttempts } from './task-record.ts';

/** Ends a queued task at once. The end of a running one is requested once. */
export function cancelStep(
  { task, attemptToken }: TaskRecord,
  nowMs: number,
): { readonly outcome: CancelOutcome; readonly step: Step | null } {
  if (task.status === 'cancelled') return { outcome: { type: 'cancelled' }, step: null };
  if (hasEnded(task.status)) return { outcome: { type: 'ended', status: task.status }, step: null };
  if (task.status === 'queued') {
    const event = { kind: 'ended', change: { status: 'cancelled', endedAtMs: nowMs } } as const;
    const deny = { type: 'deny', task: task.id, reason: 'cancelled' } as const;
    return { outcome: { type: 'cancelled' }, step: task.external ? { event } : { event, control: deny } };
  }
  const outcome = { type: 'cancelling' } as const;
  if (task.cancelRequestedAtMs !== null) return { outcome, step: null };
  const event = { kind: 'cancelling', change: { cancelRequestedAtMs: nowMs } } as const;
  // For an external task: its program sees the event.
  if (attemptToken === null) return { outcome, step: { event } };
  const control = { type: 'cancel', task: task.id, attempt: attemptToken } as const;
  return { outcome, step: { event, inner: { cancelSentAtMs: nowMs }, control } };
}

/** Returns `null` if it is too early, or there is nothing to cancel. */
export function repeatCancelStep(
  { task, attemptToken, cancelSentAtMs }: TaskRecord,
  afterMs: number,
  nowMs: number,
): Step | null {
  if (task.status !== 'running' || attemptToken === null || cancelSentAtMs === null) return null;
  if (nowMs - cancelSentAtMs < afterMs) return null;
  return {
    inner: { cancelSentAtMs: nowMs },
    control: { type: 'cancel', task: task.id, attempt: attemptToken },
  };
}

/** Queues a task again for the next start of its runner, or ends it. */
export function endLostStep(
  record: TaskRecord,
  attempt: number,
  error: string,
  nowMs: number,
): { readonly outcome: LostOutcome; readonly step: Step | null } {
  const { external, status, attempt: current, cancelRequestedAtMs } = record.task;
  if (external || status !== 'running' || attempt !== current) return { outcome: 'unchanged', step: null };
  const limit = limitOf(record);
  if (limit === null || current >= limit || cancelRequestedAtMs !== null) {
    const shown = limit === null ? error : withAttempts(error, current, limit);
    const change = { status: 'failed', error: shown, endedAtMs: nowMs } as const;
    return { outcome: 'ended', step: { event: { kind: 'ended', change } } };
  }
  const cleared = { startedAtMs: null, progressPercent: null, message: null, steps: null };
  const change = { status: 'queued', ...cleared } as const;
  return { outcome: 'requeued', step: { event: { kind: 'progress', change } } };
}

/** Returns `null` for a task that a runner drives, has ended, or was changed since. */
export function endAbandonedStep(
  { task, updatedAtMs }: TaskRecord,
  afterMs: number,
  error: string,
  nowMs: number,
): Step | null {
  if (!task.external || hasEnded(task.status) || nowMs - updatedAtMs < afterMs) return null;
  return { event: { kind: 'ended', change: { status: 'failed', error, endedAtMs: nowMs } } };
}

/** Statuses that another program may set from each status of an external task. */
const NEXT: Readonly<Record<TaskStatus, readonly TaskStatus[]>> = {
  queued: ['queued', 'running', 'cancelled', 'failed'],
  running: ['running', 'completed', 'failed', 'cancelled'],
  completed: [],
  failed: [],
  cancelled: [],
};

/**
 * Returns `null` if the status does not allow the change, and a step without an event if nothing
 * changes. An empty text counts as `null`.
 */
export function changeStep(
  { task }: TaskRecord,
  { status = task.status, ...rest }: ExternalChange,
  nowMs: number,
): Step | null {
  if (!NEXT[task.status].includes(status)) return null;
  const given = Object.entries(rest)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, value === '' ? null : value] as const);
  const news = given.filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(task[name as keyof ExternalChange]),
  );
  const change: TaskChange = Object.fromEntries(news);
  const inner = { updatedAtMs: nowMs };
  if (status === task.status) {
    return Object.keys(change).length === 0 ? { inner } : { inner, event: { kind: 'progress', change } };
  }
  if (status === 'running') {
    const started = { status, startedAtMs: nowMs, attempt: task.attempt + 1 };
    return { inner, event: { kind: 'started', change: { ...change, ...started } } };
  }
  // All given values, since the end clears a message that is not given again.
  return { event: { kind: 'ended', change: { ...Object.fromEntries(given), status, endedAtMs: nowMs } } };
}
