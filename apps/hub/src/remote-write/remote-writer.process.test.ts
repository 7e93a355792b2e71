import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { eventually, freePort } from '@booner/testkit';
import { createSimulatedHost } from '@booner/testkit/simulated-host';
import { describe, expect, it } from 'vitest';
import { decodeBody, seriesText } from '../testing/decode-write-request.ts';
import { DiskQueue, type QueuedRecord } from './disk-queue.ts';
import { createRemoteWriter } from './remote-writer.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), 'booner-remote-write-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

type Answer = { readonly status: number; readonly headers?: Record<string, string> };
type Request = { readonly headers: IncomingMessage['headers']; readonly body: Buffer; readonly atMs: number };

/** A receiver that answers as it is told, and 204 after that. */
async function startReceiver(answers: Answer[] = []) {
  const requests: Request[] = [];
  const port = await freePort();
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    requests.push({ headers: request.headers, body, atMs: performance.now() });
    const { status, headers } = answers.shift() ?? { status: 204 };
    response.writeHead(status, headers).end(status >= 400 ? 'as told' : undefined);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    requests,
    url: `http://127.0.0.1:${port}/api/v1/write`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function startWriter(url: string, directory: string) {
  const reports: FromWorker[] = [];
  const receiver = { url, authorization: 'Bearer secret', version: '0.1.0' };
  const writer = createRemoteWriter(
    { receiver, directory, maxBytes: 2 ** 26, minFreeBytes: 0 },
    (message) => void reports.push(message),
  );
  const running = writer.run();
  const host = createSimulatedHost(2, 3000);
  let flushes = 0;
  return {
    reports,
    handle: writer.handle,
    /** Hands over a sample; its uptime grows by 3 s. */
    measure: (atMs: number) =>
      writer.handle({
        type: 'sample',
        host: host.host,
        labels: { instance: host.host, job: 'booner' },
        receivedAtMs: atMs,
        json: JSON.stringify(host.nextSample(atMs)),
      }),
    flush: async () => {
      const id = ++flushes;
      writer.handle({ type: 'flush', id } satisfies ToWorker);
      await eventually(() => reports.some((each) => each.type === 'flushed' && each.id === id), {
        what: 'the flush',
      });
    },
    stop: async () => {
      writer.handle({ type: 'stop' });
      await running;
      const counts = reports.findLast((each) => each.type === 'counts');
      if (counts?.type !== 'counts') throw new Error('no counts');
      return counts.counts;
    },
  };
}

/** Times at which a request has a value of `booner_uptime_seconds`. */
const timesIn = ({ body }: Request) =>
  decodeBody(body)
    .filter((series) => seriesText(series).startsWith('booner_uptime_seconds'))
    .flatMap(({ samples }) => samples.map(({ atMs }) => atMs));

describe.concurrent('remote write', () => {
  it('sends what the specification asks for, and ends series when the host ends', async () => {
    await using receiver = await startReceiver();
    await using folder = await temporaryFolder();
    const writer = await startWriter(receiver.url, folder.path);
    writer.measure(1000);
    writer.measure(4000);
    writer.handle({ type: 'end', hosts: ['10.0.0.2'] });
    await writer.flush();
    const counts = await writer.stop();
    for (const { headers } of receiver.requests) {
      expect(headers).toMatchObject({
        'content-type': 'application/x-protobuf',
        'content-encoding': 'snappy',
        'x-prometheus-remote-write-version': '0.1.0',
        'user-agent': 'Booner/0.1.0',
        authorization: 'Bearer secret',
      });
    }
    const series = receiver.requests.flatMap(({ body }) => decodeBody(body));
    expect(receiver.requests.flatMap(timesIn)).toEqual([1000, 4000, 4001]);
    expect(series.at(-1)?.samples).toEqual([{ value: 'stale', atMs: 4001 }]);
    expect(counts).toMatchObject({ sentSamples: series.length, failedRequests: 0, queueBytes: 0, lagMs: 0 });
  });

  it('repeats after 5xx and 429, when the receiver asked for it, and loses nothing', async () => {
    const answers = [{ status: 500 }, { status: 503 }, { status: 429, headers: { 'retry-after': '1' } }];
    await using receiver = await startReceiver(answers);
    await using folder = await temporaryFolder();
    const writer = await startWriter(receiver.url, folder.path);
    writer.measure(1000);
    await eventually(() => receiver.requests.length >= 4, { what: 'the fourth attempt' });
    writer.measure(4000);
    await eventually(() => receiver.requests.flatMap(timesIn).includes(4000), { what: 'the second sample' });
    const counts = await writer.stop();
    const times = receiver.requests.map(timesIn);
    expect(times.slice(0, 4)).toEqual([[1000], [1000], [1000], [1000]]);
    expect(times.slice(4).flat()).toEqual([4000]);
    const [third, fourth] = receiver.requests.slice(2);
    expect((fourth?.atMs ?? 0) - (third?.atMs ?? 0)).toBeGreaterThanOrEqual(990);
    expect(counts).toMatchObject({ failedRequests: 3, droppedSamples: { refused: 0 } });
    const problems = writer.reports.filter((each) => each.type === 'problem');
    expect(problems).toEqual([
      { type: 'problem', problem: 'failed', reason: 'HTTP 500 as told' },
      { type: 'problem', problem: 'failed', reason: null },
    ]);
  });

  it('drops and counts what another 4xx refuses, and goes on', async () => {
    await using receiver = await startReceiver([{ status: 400 }]);
    await using folder = await temporaryFolder();
    const writer = await startWriter(receiver.url, folder.path);
    writer.measure(1000);
    await writer.flush();
    writer.measure(4000);
    await writer.flush();
    const counts = await writer.stop();
    expect(receiver.requests.map(timesIn)).toEqual([[1000], [4000]]);
    expect(counts.droppedSamples.refused).toBe(counts.sentSamples);
    expect(writer.reports).toContainEqual({
      type: 'problem',
      problem: 'refused',
      reason: 'HTTP 400 as told',
    });
  });

  it('sends after a restart what it could not send before', async () => {
    await using folder = await temporaryFolder();
    const directory = folder.path;
    const unreachable = await startWriter(`http://127.0.0.1:${await freePort()}/`, directory);
    unreachable.measure(1000);
    await eventually(() => unreachable.reports.some((each) => each.type === 'problem'), {
      what: 'a failure',
    });
    unreachable.measure(4000);
    const { queueBytes } = await unreachable.stop();
    expect(queueBytes).toBeGreaterThan(0);
    await using receiver = await startReceiver();
    const writer = await startWriter(receiver.url, directory);
    await writer.flush();
    // The batch that may have arrived is repeated as it was; nothing new is in it.
    expect(receiver.requests.map(timesIn)).toEqual([[1000], [4000]]);
    await writer.stop();
  });
});

const record = (index: number, bytes = 1000): QueuedRecord => ({
  body: Buffer.alloc(bytes, index),
  length: bytes,
  samples: 10,
  atMs: index,
});

describe.concurrent('the queue on disk', () => {
  const open = (directory: string, maxBytes = 1_000_000) =>
    new DiskQueue({ directory, maxBytes, minFreeBytes: 0, segmentBytes: 10_000 });
  /** Takes everything off, and returns the times. */
  const drain = (queue: DiskQueue) => {
    const times: number[] = [];
    for (let batch = queue.next(); batch !== null; batch = queue.next()) {
      times.push(...batch.records.map(({ atMs }) => atMs));
      queue.done(batch);
    }
    return times;
  };
  const indexes = (from: number, until: number) =>
    Array.from({ length: until - from }, (_, offset) => from + offset);

  it('keeps the order over files and restarts, and removes what was sent', async () => {
    await using folder = await temporaryFolder();
    const directory = folder.path;
    const first = open(directory);
    for (const index of indexes(0, 30)) first.append(record(index));
    const batch = first.next();
    expect(batch?.records.map(({ atMs }) => atMs)).toEqual(indexes(0, 9));
    // The process is killed here: nothing is closed.
    const second = open(directory);
    for (const index of indexes(30, 40)) second.append(record(index));
    expect(second.next()?.until).toBe(batch?.until);
    expect(drain(second)).toEqual(indexes(0, 40));
    expect(second.bytes).toBe(0);
    expect((await readdir(directory)).length).toBeLessThanOrEqual(2);
    second.append(record(40));
    expect(drain(second)).toEqual([40]);
  });

  it('goes on after a record that was cut off or damaged', async () => {
    await using folder = await temporaryFolder();
    const directory = folder.path;
    const first = open(directory);
    for (const index of indexes(0, 3)) first.append(record(index));
    const [file = ''] = (await readdir(directory)).filter((name) => name.endsWith('.segment'));
    await appendFile(join(directory, file), Buffer.alloc(500, 1));
    const second = open(directory);
    second.append(record(3));
    expect(drain(second)).toEqual(indexes(0, 4));
  });

  it('drops and counts the oldest when it is full', async () => {
    await using folder = await temporaryFolder();
    const queue = open(folder.path, 50_000);
    for (const index of indexes(0, 100)) queue.append(record(index));
    expect(queue.bytes).toBeLessThanOrEqual(50_000);
    const kept = drain(queue);
    expect(kept).toEqual(indexes(100 - kept.length, 100));
    expect(kept.length).toBeGreaterThan(30);
    expect(queue.droppedSamples).toBe(10 * (100 - kept.length));
  });

  it('stores nothing while the disk has too little free space', async () => {
    await using folder = await temporaryFolder();
    const directory = folder.path;
    const queue = new DiskQueue({ directory, maxBytes: 1_000_000, minFreeBytes: 2 ** 60 });
    expect(() => queue.append(record(0))).toThrow(expect.objectContaining({ code: 'ENOSPC' }));
    expect(queue.next()).toBeNull();
  });
});
