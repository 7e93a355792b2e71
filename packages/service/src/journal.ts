import { fstatSync } from 'node:fs';

/** Priorities of syslog(3), as sd-daemon(3) takes them before a line. */
const PRIORITY_OF_LEVEL: Readonly<Record<number, number>> = { 10: 7, 20: 7, 30: 6, 40: 4, 50: 3, 60: 2 };
const ERROR_PRIORITY = 3;
const INFO_PRIORITY = 6;

/**
 * Returns whether a file descriptor is connected to the journal. `JOURNAL_STREAM` alone does not
 * prove it, as a child with redirected output inherits it too; see systemd.exec(5).
 */
export function isJournal(fileDescriptor: number, { JOURNAL_STREAM: stream }: NodeJS.ProcessEnv): boolean {
  if (stream === undefined) return false;
  try {
    const { dev, ino } = fstatSync(fileDescriptor, { bigint: true });
    return stream === `${dev}:${ino}`;
  } catch {
    return false; // a closed descriptor
  }
}

/**
 * Formats a line of pino for the journal: its level as a priority, its message, then all other
 * fields as JSON. The journal records time, process and host itself.
 */
export function journalLine(json: string): string {
  const {
    level,
    msg = '',
    time: _time,
    pid: _pid,
    hostname: _hostname,
    name: _name,
    ...fields
  } = JSON.parse(json);
  const priority = PRIORITY_OF_LEVEL[level] ?? INFO_PRIORITY;
  const details = Object.keys(fields).length === 0 ? '' : JSON.stringify(fields);
  return `<${priority}>${[msg, details].filter((text) => text !== '').join(' ')}\n`;
}

/** Marks each line of a text as an error for the journal. */
export const journalErrors = (text: string): string => text.replaceAll(/^/gm, `<${ERROR_PRIORITY}>`);
