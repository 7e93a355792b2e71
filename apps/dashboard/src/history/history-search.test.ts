import { expect, it } from 'vitest';
import { hostHistorySchema, rangeMsOf, readZoom, shownRange } from './history-search.ts';

const NOW_MS = 1_800_000_000_000;
const MINUTE_MS = 60_000;
const shown = (search: Record<string, string>, isKept = true) =>
  shownRange(hostHistorySchema.parse(search), { nowMs: NOW_MS, isKept });

it('reads a span of the URL only if it is whole and in order', () => {
  const read = (search: Record<string, string>) => {
    const { from, to } = hostHistorySchema.parse(search);
    return readZoom(from, to);
  };
  expect(read({ from: '10', to: '20' })).toEqual({ fromMs: 10, toMs: 20 });
  expect([read({ from: '20', to: '10' }), read({ from: '10' }), read({ from: 'x', to: '20' })]).toEqual([
    null,
    null,
    null,
  ]);
});

it('reads lengths of time, and leaves out everything else', () => {
  expect(['15m', '6h', '7d', '2w', '1y'].map(rangeMsOf)).toEqual(
    [15, 360, 7 * 1440, 14 * 1440, 365 * 1440].map((minutes) => minutes * MINUTE_MS),
  );
  expect(['', '0m', '5', '5s', '11y', '-1h', '1h '].map(rangeMsOf)).toEqual(Array(7).fill(null));
  expect(hostHistorySchema.parse({ range: 'x', compare: 'after', from: '1.5' })).toEqual({});
});

it('shows the last 15 minutes live, and everything else from the store', () => {
  expect(shown({})).toEqual({ type: 'live', range: '15m', zoom: null });
  expect(shown({ range: '5m' })).toEqual({ type: 'live', range: '5m', zoom: null });
  expect(shown({ range: '3h' })).toEqual({ type: 'stored', span: { range: '3h' } });
  const zoom = { fromMs: NOW_MS - 5 * MINUTE_MS, toMs: NOW_MS };
  const ends = { from: `${zoom.fromMs}`, to: `${zoom.toMs}` };
  expect(shown(ends)).toEqual({ type: 'live', range: '15m', zoom });
  expect(shown({ range: '7d', ...ends })).toEqual({ type: 'stored', span: zoom });
  expect(shown({ from: '10', to: '20' })).toEqual({ type: 'stored', span: { fromMs: 10, toMs: 20 } });
});

it('shows the last minutes of a hub that keeps no more', () => {
  expect(shown({ range: '7d' }, false)).toEqual({ type: 'live', range: '15m', zoom: null });
  expect(shown({ from: '10', to: '20' }, false)).toMatchObject({ type: 'live', zoom: { fromMs: 10 } });
});
