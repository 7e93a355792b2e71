import type { RunnerBus } from '@booner/bus';
import type { HostId } from '@booner/protocol';
import type { EndedEntry } from '../journal/journal-entry.ts';
import { type Repetition, startRepeating } from '../report/repeat.ts';

/** Of a claim or an end that no hub has answered. */
export const REPEAT_EVERY_MS = 5000;

/** Reports how an attempt ended, with the instance that it was granted to, until the repetition is stopped. */
export function startReportingEnd(
  bus: Pick<RunnerBus, 'report'>,
  host: HostId,
  ended: EndedEntry,
): Repetition {
  const { task, attempt, instance, outcome, logLines } = ended;
  return startRepeating(() => bus.report({ type: 'end', host, instance, task, attempt, outcome, logLines }), {
    everyMs: REPEAT_EVERY_MS,
  });
}
