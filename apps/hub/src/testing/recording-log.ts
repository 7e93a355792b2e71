import { inspect } from 'node:util';
import type { Logger } from '@booner/service';

export type LoggedLine = { readonly level: string; readonly message: string; readonly text: string };

/**
 * Returns a log for tests that keeps its lines. `text` is all that a line would show, errors
 * included.
 */
export function recordingLog(): { readonly log: Logger; readonly lines: LoggedLine[] } {
  const lines: LoggedLine[] = [];
  const at = (level: string) => (first: unknown, second?: string) => {
    const message = typeof first === 'string' ? first : (second ?? '');
    lines.push({ level, message, text: inspect({ message, first }, { depth: 8 }) });
  };
  const log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  return { log: log as unknown as Logger, lines };
}
