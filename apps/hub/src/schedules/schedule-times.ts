import { createHash } from 'node:crypto';
import type { Schedule, StoredSchedule } from '@booner/protocol';
import { parseDuration } from '@booner/protocol/duration';
import { Cron } from 'croner';

/** A schedule with what intervals count from. */
type Timed = Pick<StoredSchedule, 'schedule' | 'changedAtMs'>;

/**
 * Returns the next times of a schedule after an instant, in Unix milliseconds. Cron goes by wall
 * clocks: a time that a clock change skips comes right after it, and one that it repeats comes
 * once, unless the expression names every hour.
 */
export function nextTimes(
  { schedule, changedAtMs }: Timed,
  afterMs: number,
  count: number,
): readonly number[] {
  const { cron, every, at, timeZone } = schedule;
  if (cron !== undefined) {
    const times = new Cron(cron, { timezone: timeZone }).nextRuns(count, new Date(afterMs));
    return times.map((time) => time.getTime());
  }
  if (every !== undefined) {
    const intervalMs = parseDuration(every) as number;
    const first = Math.floor(Math.max(0, afterMs - changedAtMs) / intervalMs) + 1;
    return Array.from({ length: count }, (_, index) => changedAtMs + (first + index) * intervalMs);
  }
  const onceMs = Date.parse(at as string);
  return onceMs > afterMs ? [onceMs] : [];
}

/** Returns when a schedule fires, in words. */
export async function describeTimes({ cron, every, at, timeZone }: Schedule): Promise<string> {
  if (every !== undefined) return `Every ${every}`;
  if (at !== undefined) return `Once, at ${at}`;
  // Loaded on demand: only people read it.
  const { toString: inWords } = await import('cronstrue');
  return `${inWords(cron as string, { use24HourTimeFormat: true, verbose: true })} (${timeZone})`;
}

/** Returns what is wrong with a cron expression; `null`: nothing. */
export function findCronIssue(cron: string): string | null {
  const fields = cron.trim().split(/\s+/).length;
  if (fields !== 5 && fields !== 6) return 'must have 5 fields, or 6 with seconds, such as "0 3 * * *"';
  try {
    new Cron(cron);
    return null;
  } catch (error) {
    return `must be a cron expression, such as "0 3 * * *": ${error instanceof Error ? error.message : error}`;
  }
}

/** Returns by how much a firing is late on purpose: the same on each hub. */
export function jitterMs(name: string, dueAtMs: number, { jitterSeconds }: Schedule): number {
  if (jitterSeconds === 0) return 0;
  const hash = createHash('sha256').update(`${name} ${dueAtMs}`).digest();
  return hash.readUInt32BE(0) % (jitterSeconds * 1000);
}
