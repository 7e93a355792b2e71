import {
  type AttemptToken,
  type ControlMessage,
  DEFAULT_ATTEMPTS,
  newTask,
  type Task,
  type TaskChange,
  type TaskEventKind,
} from '@booner/protocol';
import type { NewTask, ReportOutcome } from '../task-ports.ts';
import { jsonCopy } from './json-copy.ts';

/** A task with its internal fields. */
export type TaskRecord = {
  readonly task: Task;
  /** Number of the task in the order of creation: its position in lists. */
  readonly sequence: number;
  /** Token of the current or last attempt. */
  readonly attemptToken: AttemptToken | null;
  /** Instance that the attempt was granted to. */
  readonly instance: string | null;
  /** True if another attempt may follow when the runner dies. */
  readonly idempotent: boolean;
  /** Counter of the attempt's newest progress report. */
  readonly progressCounter: number;
  /** Attempt that reported the end; `null` if the task was ended otherwise. */
  readonly endedByAttempt: AttemptToken | null;
  readonly cancelSentAtMs: number | null;
  /** Whose limit on open external tasks it counts for. */
  readonly owner: string | null;
  /** When it was created or last changed by its program, if it is external. */
  readonly updatedAtMs: number;
  readonly lateReports: number;
};

/** Changes that one step makes to a task, all at once. */
export type Step = {
  /** Absent: no public field changes, and the version stays. */
  readonly event?: { readonly kind: TaskEventKind; readonly change: TaskChange };
  readonly inner?: Partial<Omit<TaskRecord, 'task' | 'sequence'>>;
  /** Message to the runner. */
  readonly control?: ControlMessage;
};

/** The step of a report. */
export type ReportStep = Step & { readonly outcome: ReportOutcome };

/** Returns the number of starts that a task may have; `null`: it does not start again. */
export const limitOf = ({ task, idempotent }: TaskRecord): number | null =>
  idempotent ? (task.maxAttempts ?? DEFAULT_ATTEMPTS) : null;

/** Returns the error of a task whose runner died in an attempt of several. */
export const withAttempts = (reason: string, attempt: number, limit: number): string =>
  `${reason} (attempt ${attempt} of ${limit})`;

export function newTaskRecord(
  { id, host, action, params, offer, externalLimits, ...given }: NewTask,
  { sequence, nowMs }: { sequence: number; nowMs: number },
): TaskRecord {
  const external = offer === null;
  const task = newTask({
    id,
    host,
    action,
    params: jsonCopy(params),
    external,
    createdAtMs: nowMs,
    ...given,
  });
  return {
    task,
    sequence,
    attemptToken: null,
    instance: null,
    idempotent: false,
    progressCounter: 0,
    endedByAttempt: null,
    cancelSentAtMs: null,
    owner: externalLimits?.owner ?? null,
    updatedAtMs: nowMs,
    lateReports: 0,
  };
}
