import {
  type AttemptToken,
  type ControlMessage,
  MAX_ATTEMPTS,
  newTask,
  type Task,
  type TaskChange,
  type TaskEventKind,
} from '@booner/protocol';
import type { NewTask, ReportOutcome } from '../task-ports.ts';
import { jsonCopy } from './json-copy.ts';

/** A task, and what only the bus knows of it. */
export type TaskRecord = {
  readonly task: Task;
  /** Counts the tasks by their creation: position in lists. */
  readonly sequence: number;
  /** Of the attempt that runs or ran last. */
  readonly attemptToken: AttemptToken | null;
  /** Start of the runner that the attempt was granted to. */
  readonly instance: string | null;
  /** True if the attempt may be followed by another one when its runner dies. */
  readonly idempotent: boolean;
  /** Of the newest progress report of the attempt. */
  readonly progressCounter: number;
  /** Attempt that reported the end; `null` when somebody else ended the task. */
  readonly endedByAttempt: AttemptToken | null;
  readonly cancelSentAtMs: number | null;
  readonly lateReports: number;
};

/** What one step does with a task, together. */
export type Step = {
  /** Absent: nothing that is shown of the task changes, and its version stays. */
  readonly event?: { readonly kind: TaskEventKind; readonly change: TaskChange };
  readonly inner?: Partial<Omit<TaskRecord, 'task' | 'sequence'>>;
  /** What the runner is told. */
  readonly control?: ControlMessage;
};

/** The step that a report asks for. */
export type ReportStep = Step & { readonly outcome: ReportOutcome };

/** Returns true if the attempt that is over was the last one that the task may have. */
export const wasLastAttempt = ({ task, idempotent }: TaskRecord): boolean =>
  !idempotent || task.attempt >= MAX_ATTEMPTS;

/** Returns the error of a task whose runner died, with the number of attempts where several are allowed. */
export const withAttempts = ({ task, idempotent }: TaskRecord, reason: string): string =>
  idempotent ? `${reason} (attempt ${task.attempt} of ${MAX_ATTEMPTS})` : reason;

export function newTaskRecord(
  { id, host, action, params, offer }: NewTask,
  { sequence, nowMs }: { sequence: number; nowMs: number },
): TaskRecord {
  const external = offer === null;
  const task = newTask({ id, host, action, params: jsonCopy(params), external, createdAtMs: nowMs });
  return {
    task,
    sequence,
    attemptToken: null,
    instance: null,
    idempotent: false,
    progressCounter: 0,
    endedByAttempt: null,
    cancelSentAtMs: null,
    lateReports: 0,
  };
}
