import type { TaskLog } from '@booner/client';
import { logText } from './log-text.ts';

/** Gives the log to the reader as a file. */
export async function saveLog(log: TaskLog, name: string): Promise<void> {
  const parts: Blob[] = [];
  for (const part of logText(log)) {
    parts.push(new Blob([part])); // encoded now, and not all parts at once in the end
    await new Promise((resolve) => setTimeout(resolve)); // so that the page goes on meanwhile
  }
  const url = URL.createObjectURL(new Blob(parts, { type: 'text/plain;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
