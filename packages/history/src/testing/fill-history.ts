import type { Annotation } from '@booner/protocol';
import type { ReceivedSample } from '../history-port.ts';
import { createHistory } from '../memory-history.ts';
import { openSqliteBlocks } from '../open-sqlite-blocks.ts';
import { DEFAULT_RETENTION } from '../tiers.ts';

const HOUR_MS = 3_600_000;

export type FillHistoryOptions = {
  readonly directory: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Time from one sample to the next, by their age. A longer past takes fewer. */
  readonly intervalMs: (ageMs: number) => number;
  /** Returns the samples of the hosts at a time. */
  readonly samplesAt: (atMs: number) => readonly Pick<ReceivedSample, 'host' | 'measurements'>[];
  readonly annotations?: readonly { readonly host: string; readonly annotation: Annotation }[];
};

/** Fills the folder of a history, as a hub that ran all the time would have. */
export async function fillHistory(options: FillHistoryOptions): Promise<void> {
  const { directory, fromMs, toMs, intervalMs, samplesAt, annotations = [] } = options;
  let nowMs = fromMs;
  const history = createHistory({
    open: () =>
      openSqliteBlocks(directory, {
        onDamage(_, error) {
          throw error;
        },
      }),
    retention: DEFAULT_RETENTION,
    maxBytes: Number.POSITIVE_INFINITY,
    minFreeBytes: 0,
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    onClockDoubt() {},
    onRecording() {},
  });
  let workedAtMs = fromMs;
  while (nowMs < toMs) {
    const spacingMs = intervalMs(toMs - nowMs);
    for (const { host, measurements } of samplesAt(nowMs))
      history.append({ host, atMs: nowMs, intervalMs: spacingMs, measurements });
    nowMs += spacingMs;
    if (nowMs - workedAtMs < HOUR_MS) continue;
    workedAtMs = nowMs;
    await history.stats(); // stores what is due
  }
  nowMs = toMs;
  for (const { host, annotation } of annotations) history.annotate(host, annotation);
  await history.stats();
  await history[Symbol.asyncDispose]();
}
