import type { Task } from '@booner/protocol';
import displayWidth from 'string-width';
import { bar } from '../terminal/bar.ts';
import { safeText } from '../terminal/safe-text.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { taskStatus } from './task-texts.ts';

/** The progress of a task on the last line of a terminal. Elsewhere, one line per change. */
export type ProgressLine = {
  show(task: Task): void;
  hide(): void;
  redraw(): void;
};

const CLEAR_LINE = '\r\u001b[K';
const BAR_CELLS = 24;

export function createProgressLine(
  stderr: NodeJS.WriteStream,
  terminal: Terminal,
  isJson: boolean,
): ProgressLine {
  let task: Task | null = null;
  let isShown = false;
  let lastLine = '';
  const redraw = () => {
    if (task === null || !stderr.isTTY || task.endedAtMs !== null) return;
    stderr.write(`${CLEAR_LINE}${textOf(task, terminal, stderr.columns ?? 80)}`);
    isShown = true;
  };
  return {
    show(next) {
      task = next;
      if (stderr.isTTY) return redraw();
      const line = plainText(next);
      if (!isJson && line !== lastLine && next.endedAtMs === null) terminal.note(line);
      lastLine = line;
    },
    hide() {
      if (isShown) stderr.write(CLEAR_LINE);
      isShown = false;
    },
    redraw,
  };
}

function textOf({ status, progressPercent, message }: Task, terminal: Terminal, columns: number): string {
  const level =
    progressPercent === null
      ? ''
      : ` ${bar(progressPercent / 100, BAR_CELLS, terminal.hasUnicode)} ${String(progressPercent).padStart(3)} %`;
  const start = `${status}${level} `;
  const rest = safeText(message ?? '');
  const room = columns - 1 - displayWidth(start);
  return `${taskStatus(status, terminal)}${level} ${rest.slice(0, Math.max(0, room))}`;
}

const plainText = ({ status, progressPercent, message }: Task): string =>
  [status, progressPercent === null ? '' : `${progressPercent} %`, safeText(message ?? '')]
    .filter((part) => part !== '')
    .join(' ');
