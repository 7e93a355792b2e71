import type { Task, TaskStatus } from '@booner/protocol';
import { ageText, durationText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import type { Terminal } from '../terminal/terminal.ts';

const STYLES = {
  queued: 'yellow',
  running: 'cyan',
  completed: 'green',
  failed: 'red',
  cancelled: 'dim',
} as const satisfies Record<TaskStatus, string>;

export const taskStatus = (status: TaskStatus, terminal: Pick<Terminal, 'style'>): string =>
  terminal.style(STYLES[status], status);

/** How long it runs or ran. */
export function tookText({ startedAtMs, endedAtMs }: Task, nowMs: number): string {
  return startedAtMs === null ? '' : durationText(((endedAtMs ?? nowMs) - startedAtMs) / 1000);
}

/** What there is to say about a task in a few words: its error, else where it stands, else its result. */
export function saysText({ error, message, progressPercent, result, status }: Task): string {
  if (error !== null) return safeText(error);
  if (status === 'running' || status === 'queued') {
    const percent = progressPercent === null ? '' : `${progressPercent} %`;
    return [percent, safeText(message ?? '')].filter((part) => part !== '').join(' ');
  }
  return result === null ? '' : resultText(result);
}

/** Progress of a running task; for one that failed or was cancelled, the progress it had reached. */
export function progressText({ progressPercent, status }: Task): string | null {
  if (progressPercent === null) return null;
  const isCutShort = status === 'failed' || status === 'cancelled';
  return `${progressPercent} %${isCutShort ? ' when it ended' : ''}`;
}

/** `details` alone stands for itself. */
export function resultText(result: NonNullable<Task['result']>): string {
  const { details, ...more } = result;
  const isAlone = typeof details === 'string' && Object.keys(more).length === 0;
  return safeText(isAlone ? details : JSON.stringify(result));
}

export const createdText = ({ createdAtMs }: Task, nowMs: number): string => ageText(createdAtMs, nowMs);
