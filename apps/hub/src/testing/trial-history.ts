import { DEFAULT_RETENTION, type History } from '@booner/history';
import { createHistory, openMemoryBlocks, sampleOf } from '@booner/history/testing';
import { type Annotation, type HostId, parseHostId, type Sample } from '@booner/protocol';

export const TRIAL_HOST: HostId = parseHostId('10.0.0.2')!;
/** A full hour. */
export const TRIAL_START_MS = Date.UTC(2026, 10, 30, 12);

/** A sample at a second after {@link TRIAL_START_MS}: its measurements, or its CPU use. */
export type TrialSample = readonly [second: number, measured: number | Partial<Sample>];

/** Appends samples to a history. */
export function appendSamples(
  history: Pick<History, 'append'>,
  samples: Iterable<TrialSample>,
  { host = TRIAL_HOST, startMs = TRIAL_START_MS, intervalMs = 3000 } = {},
): void {
  for (const [second, measured] of samples) {
    const measurements = typeof measured === 'number' ? sampleOf(measured) : sampleOf(0.1, measured);
    history.append({ host, atMs: startMs + second * 1000, intervalMs, measurements });
  }
}

/** Yields a sample for each interval within [from, to) seconds. */
export function* every(
  intervalSeconds: number,
  from: number,
  to: number,
  measure: (second: number) => number | Partial<Sample>,
): Generator<TrialSample, void> {
  for (let second = from; second < to; second += intervalSeconds) yield [second, measure(second)];
}

/** A history in memory by a clock that stands still, so that what is appended stays as it is. */
export function openTrialHistory(nowMs: number): History {
  return createHistory({
    open: openMemoryBlocks,
    retention: DEFAULT_RETENTION,
    maxBytes: Number.POSITIVE_INFINITY,
    minFreeBytes: 0,
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    onClockDoubt() {},
    onRecording() {},
  });
}

/** An annotation at a second after {@link TRIAL_START_MS}. */
export const annotationAt = (
  second: number,
  kind: Annotation['kind'],
  { text = kind as string, untilSecond = null as number | null } = {},
): Annotation => ({
  atMs: TRIAL_START_MS + second * 1000,
  untilMs: untilSecond === null ? null : TRIAL_START_MS + untilSecond * 1000,
  kind,
  text,
  taskId: null,
});
