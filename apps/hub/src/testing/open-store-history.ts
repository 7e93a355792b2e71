import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReceivedSample } from '@booner/history';
import type { HostId } from '@booner/protocol';
import { eventually, type MetricsStore } from '@booner/testkit';
import { createPrometheusReader } from '../history/prometheus-reader.ts';
import { hostLabels } from '../remote-write/host-labels.ts';
import { createRemoteWriter } from '../remote-write/remote-writer.ts';
import type { FromWorker } from '../remote-write/worker-messages.ts';

export type StoredLabels = Readonly<Record<string, string>>;

/** For tests: writes to a store by remote write, as a hub does, and reads it back. */
export async function openStoreHistory(store: MetricsStore, nowMs: () => number) {
  const directory = await mkdtemp(join(tmpdir(), 'booner-store-history-'));
  const reports: FromWorker[] = [];
  const writer = createRemoteWriter(
    {
      receiver: { url: store.writeUrl, authorization: null, version: '0.1.0' },
      directory,
      maxBytes: 2 ** 30,
      minFreeBytes: 0,
    },
    (message) => void reports.push(message),
  );
  const running = writer.run();
  const reader = createPrometheusReader({ url: new URL(store.url), authorization: null, nowMs });
  let flushes = 0;
  const settle = async () => {
    const id = ++flushes;
    writer.handle({ type: 'flush', id });
    await eventually(() => reports.some((each) => each.type === 'flushed' && each.id === id), {
      what: 'the flush',
    });
    const problem = reports.find((each) => each.type === 'problem');
    if (problem?.type === 'problem') throw new Error(`${problem.problem}: ${problem.reason}`);
    await store.settle();
  };
  return {
    history: {
      append: ({ host, atMs, measurements }: ReceivedSample, labels: StoredLabels = {}) =>
        writer.handle({
          type: 'sample',
          host,
          labels: hostLabels(host as HostId, labels),
          receivedAtMs: atMs,
          json: JSON.stringify(measurements),
        }),
      ...reader,
    },
    settle,
    async [Symbol.asyncDispose]() {
      writer.handle({ type: 'stop' });
      await running;
      await rm(directory, { recursive: true });
    },
  };
}
