import type { StepStatus, Task, TaskStatus } from '@booner/protocol';
import { ageText, durationText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import type { Terminal } from '../terminal/terminal.ts';

const STYLES = {
  queued: 'yellow',
  running: 'cyan',
  completed: 'green',
  failed: 'red',
  cancelled: 'dim',
  waiting: 'dim',
  skipped: 'dim',
} as const satisfies Record<TaskStatus | StepStatus, string>;

export const taskStatus = (status: TaskStatus | StepStatus, terminal: Pick<Terminal, 'style'>): string =>
  terminal.style(STYLES[status], status);

/** Names the action of a task, and says that it is a dry run. Hubs before 0.2 have none. */
export const actionText = ({ action, check }: Pick<Task, 'action'> & Partial<Pick<Task, 'check'>>): string =>
  safeText(check ? `${action} (dry run)` : action);

/** Formats the running time so far, or in total. */
export function elapsedText({ startedAtMs, endedAtMs }: Task, nowMs: number): string {
  return startedAtMs === null ? '' : durationText(((endedAtMs ?? nowMs) - startedAtMs) / 1000);
}

/** Summarizes a task: its error, else its progress, else its result. */
export function summaryText({ error, message, progressPercent, result, status }: Task): string {
  if (error !== null) return safeText(error);
  if (status === 'running' || status === 'queued') {
    const percent = progressPercent === null ? '' : `${progressPercent} %`;
    return [percent, safeText(message ?? '')].filter((part) => part !== '').join(' ');
  }
  return result === null ? '' : resultText(result);
}

/** Formats the progress, for a failed or cancelled task as the last one that it reported. */
export function progressText({ progressPercent, status }: Task): string | null {
  if (progressPercent === null) return null;
  const isCutShort = status === 'failed' || status === 'cancelled';
  return `${progressPercent} %${isCutShort ? ' when it ended' : ''}`;
}

/** Formats the number of the last start if there were several. Hubs before 0.2 send no limit. */
export function attemptText({ attempt, maxAttempts }: Pick<Task, 'attempt' | 'maxAttempts'>): string | null {
  if (attempt < 2) return null;
  return maxAttempts == null ? String(attempt) : `${attempt} of ${maxAttempts}`;
}

/** Formats a result as JSON, or as plain text if it consists of `details` alone. */
export function resultText(result: NonNullable<Task['result']>): string {
  const { details, ...more } = result;
  const isAlone = typeof details === 'string' && Object.keys(more).length === 0;
  return safeText(isAlone ? details : JSON.stringify(result));
}

export const createdText = ({ createdAtMs }: Task, nowMs: number): string => ageText(createdAtMs, nowMs);
