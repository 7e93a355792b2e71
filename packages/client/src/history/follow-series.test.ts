import type { HostId, SeriesHistory } from '@booner/protocol';
import { expect, test } from 'vitest';
import type { PageChange } from '../connection/page.ts';
import { BoonerError } from '../http/booner-error.ts';
import type { SeriesSpan } from '../http/series-requests.ts';
import { createStore } from '../store/store.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { followSeries, type SeriesState } from './follow-series.ts';

const HOST = '10.0.0.2' as HostId;

function startBed(span: SeriesSpan, stepMs: number | null = 60_000) {
  const clock = createFakeClock();
  const listeners = new Set<(change: PageChange) => void>();
  const bed = {
    clock,
    reads: 0,
    isHidden: false,
    error: null as BoonerError | null,
    store: createStore<SeriesState>({ history: null, error: null }),
    change(isHidden: boolean) {
      bed.isHidden = isHidden;
      for (const listener of listeners) listener(isHidden ? 'hidden' : 'shown');
    },
    /** Lets time pass, and reads end. */
    async pass(ms: number) {
      clock.pass(ms);
      await new Promise(setImmediate);
    },
    stop: () => {},
  };
  bed.stop = followSeries(
    {
      async readSeries() {
        bed.reads++;
        if (bed.error !== null) throw bed.error;
        return { host: HOST, stepMs, timesMs: [bed.reads] } as unknown as SeriesHistory;
      },
      nowMs: clock.wallMs,
      hubNowMs: clock.wallMs,
      random: () => 0.5,
      clock,
      page: {
        isHidden: () => bed.isHidden,
        onChange(listener) {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      },
    },
    { host: HOST, query: { span } },
    bed.store,
    new AbortController().signal,
  );
  return bed;
}

test('a range that ends now is read again after each point, within limits', async () => {
  const bed = startBed({ range: '7d' }, 20_000);
  await bed.pass(0);
  expect(bed.store.getSnapshot().history?.timesMs).toEqual([1]);
  await bed.pass(19_999);
  expect(bed.reads).toBe(1);
  await bed.pass(1);
  expect(bed.store.getSnapshot().history?.timesMs).toEqual([2]);
  bed.stop();
  await bed.pass(600_000);
  expect(bed.reads).toBe(2);

  const samples = startBed({ range: '20m' }, null);
  await samples.pass(0);
  await samples.pass(3000);
  expect(samples.reads).toBe(2);
  const year = startBed({ range: '1y' }, 3_600_000 * 18);
  await year.pass(0);
  await year.pass(60_000);
  expect(year.reads).toBe(2);
});

test('a hidden page reads nothing, and what it missed once it is shown', async () => {
  const bed = startBed({ range: '7d' }, 3000);
  await bed.pass(0);
  bed.change(true);
  await bed.pass(600_000);
  expect(bed.reads).toBe(1);
  bed.change(false);
  await bed.pass(0);
  expect(bed.reads).toBe(2);
});

test('a range that has ended is read once', async () => {
  const nowMs = createFakeClock().wallMs();
  const bed = startBed({ fromMs: nowMs - 7_200_000, toMs: nowMs - 3_600_000 }, 3000);
  await bed.pass(0);
  await bed.pass(600_000);
  expect(bed.reads).toBe(1);
});

test('after a failure the data stays, with the error, and is read again', async () => {
  const bed = startBed({ range: '1h' }, 3000);
  await bed.pass(0);
  bed.error = new BoonerError('busy', 'too many requests', { status: 503 });
  await bed.pass(3000);
  expect(bed.store.getSnapshot()).toMatchObject({ history: { timesMs: [1] }, error: { status: 503 } });
  bed.error = null;
  await bed.pass(60_000);
  expect(bed.store.getSnapshot()).toMatchObject({ history: { timesMs: [3] }, error: null });
});
