import type { SendOutcome } from '@booner/bus';
import type { TaskStep } from '@booner/protocol';
import { createPacer } from '@booner/service/pacer';

/** At most four reports a second, each with the newest progress. */
const MIN_GAP_MS = 250;
/** New output alone is not urgent. */
const LINES_AFTER_MS = 1000;
const RETRY_AFTER_MS = 5000;

export type Progress = { readonly progressPercent: number | null; readonly message: string | null };

/**
 * What is reported of an attempt. `steps` is absent for an action with one command, and `number`
 * until the action has started again.
 */
export type AttemptProgress = Progress & { readonly steps?: TaskStep[]; readonly number?: number };

export type ProgressReporter = {
  /** Changes some of it. */
  set(change: Partial<AttemptProgress>): void;
  /** Notes new output. */
  onLine(): void;
  /** Reports again although nothing may have changed, as the bus may have lost a report. */
  again(): void;
  /** Reports the last progress, if it was not reported, and stops. */
  finish(): Promise<void>;
};

/** @param send `counter` counts the reports from 1 */
export function startProgressReporter(
  send: (report: AttemptProgress & { readonly counter: number }) => Promise<SendOutcome>,
): ProgressReporter {
  let latest: AttemptProgress = { progressPercent: null, message: null };
  let isNews = false;
  let counter = 0;

  const pace = createPacer(
    async () => {
      counter += 1;
      isNews = false;
      if ((await send({ ...latest, counter })) === 'sent') return;
      isNews = true;
      pace.request(RETRY_AFTER_MS);
    },
    { minGapMs: MIN_GAP_MS },
  );
  return {
    set: (change) => {
      latest = { ...latest, ...change };
      isNews = true;
      pace.request();
    },
    onLine: () => {
      if (!pace.isBusy()) pace.request(LINES_AFTER_MS);
    },
    again: () => pace.request(),
    finish: async () => {
      if (isNews) await pace.flush();
      pace.stop();
    },
  };
}
