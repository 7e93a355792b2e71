import type { HistoryRequest } from '@booner/history';
import type { HostId } from '@booner/protocol';
import { expect, it } from 'vitest';
import { MAIN_SERVER } from '../fleet/main-server.ts';
import { createHistoryReader, type HistoryReaderDeps } from './history-reader.ts';
import { StoreError } from './prometheus-reader.ts';

const HOST = '10.0.0.2' as HostId;

/** A reader over a local history from 1000 on, and a store of older ranges. */
function startReader(parts: Partial<HistoryReaderDeps> = {}) {
  const outcomes: string[] = [];
  const answerWith = (text: string) => ({
    query: async () => new TextEncoder().encode(text),
    rank: async () => [{ host: text, avg: 1, max: 1, samples: 1 }],
  });
  const reader = createHistoryReader({
    local: { ...answerWith('local'), reach: async (host) => (host === 'new' ? null : 1000) },
    remote: answerWith('remote'),
    failures: {
      failed: ({ message }) => void outcomes.push(message),
      worked: () => void outcomes.push('worked'),
    },
    ...parts,
  });
  const request: HistoryRequest = {
    host: HOST,
    shownAs: HOST,
    fromMs: 0,
    toMs: 9000,
    points: 9,
    metrics: [],
  };
  return {
    reader,
    outcomes,
    query: async (asked: Partial<HistoryRequest>) =>
      new TextDecoder().decode(await reader?.query({ ...request, ...asked })),
  };
}

it('reads ranges that the local history reaches from there, and older ones from the store', async () => {
  const { reader, query, outcomes } = startReader();
  expect(await query({ fromMs: 1000 })).toBe('local');
  expect(await query({ fromMs: 999 })).toBe('remote');
  expect(await query({ fromMs: 5000, host: 'new' })).toBe('remote');
  expect(await query({ fromMs: 0, host: MAIN_SERVER })).toBe('local');
  const rank = async (fromMs: number) =>
    (await reader?.rank({ metric: 'cpuUsageRatio', fromMs, toMs: 9000 }))?.map(({ host }) => host);
  expect([await rank(0), await rank(2000)]).toEqual([['remote'], ['local']]);
  expect(outcomes).toEqual(['worked', 'worked', 'worked']);
});

it('reads what is local when the store cannot be asked, and says so', async () => {
  const failing = () => Promise.reject(new StoreError('connect ECONNREFUSED'));
  const { query, outcomes } = startReader({ remote: { query: failing, rank: failing } });
  expect(await query({ fromMs: 0 })).toBe('local');
  expect(outcomes).toEqual(['connect ECONNREFUSED']);
  const alone = startReader({ remote: { query: failing, rank: failing }, local: null });
  await expect(alone.query({ fromMs: 0 })).rejects.toThrow('connect ECONNREFUSED');
});

it('is none without a local history and a store', () => {
  expect(startReader({ local: null, remote: null }).reader).toBeNull();
});
