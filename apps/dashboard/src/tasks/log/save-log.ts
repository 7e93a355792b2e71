import type { TaskLog } from '@booner/client';
import { saveFile } from '../../ui/save-file.ts';
import { logText } from './log-text.ts';

/** Saves the log as a file. */
export async function saveLog(log: TaskLog, name: string): Promise<void> {
  const parts: Blob[] = [];
  for (const part of logText(log)) {
    parts.push(new Blob([part])); // encoded now, rather than all parts at the end
    await new Promise((resolve) => setTimeout(resolve)); // keeps the page responsive
  }
  saveFile(new Blob(parts, { type: 'text/plain;charset=utf-8' }), name);
}
