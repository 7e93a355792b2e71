import { uptime } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { HistoryError } from './history-error.ts';
import { HistoryService } from './history-service.ts';
import type { AnyRequest, FromWorker, ToWorker, WorkerData } from './messages.ts';
import { openSqliteBlocks } from './open-sqlite-blocks.ts';
import { samplesIn } from './sample-batch.ts';

/** Requests wait at most this long behind storing and rolling up. */
const SLICE_MS = 8;
const PAUSE_MS = 1000;

const { directory, ...limits } = workerData as WorkerData;
const port = parentPort;
if (port === null) throw new Error('this file runs in a worker thread');

const send = (message: FromWorker, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

const service = new HistoryService({
  ...limits,
  open: () =>
    openSqliteBlocks(directory, {
      onDamage: (file, { message: reason }) => send({ type: 'damaged', file, reason }),
    }),
  nowMs: Date.now,
  monotonicMs: () => 1000 * uptime(), // goes on while the machine sleeps
  onClockDoubt: (reason) => send({ type: 'clockDoubt', reason }),
  onRecording: (recording) => send({ type: 'recording', recording }),
});
const stop = new AbortController();

port.on('message', (message: ToWorker) => {
  if (message.type === 'samples') {
    service.append(samplesIn(message.samples));
    send({ type: 'taken', samples: message.samples.hosts.length });
  } else if (message.type === 'annotation') service.annotate(message.host, message.annotation);
  else {
    const { id } = message;
    answer(message).then(
      ({ answer, transfer = [] }) => send({ type: 'answer', id, answer }, transfer),
      (error: unknown) =>
        send({
          type: 'failed',
          id,
          code: error instanceof HistoryError ? error.code : null,
          message: error instanceof Error ? error.message : String(error),
        }),
    );
  }
});

async function answer(message: AnyRequest): Promise<{ answer: unknown; transfer?: ArrayBuffer[] }> {
  switch (message.type) {
    case 'query': {
      const bytes = new TextEncoder().encode(service.query(message.request));
      return { answer: bytes, transfer: [bytes.buffer] };
    }
    case 'rank':
      return { answer: service.rank(message.request) };
    case 'missed':
      return { answer: service.addMissed(message.request.host, message.request.missed) };
    case 'exportBlocks': {
      const bytes = new TextEncoder().encode(service.exportBlocks(message.request));
      return { answer: bytes, transfer: [bytes.buffer] };
    }
    case 'importBlocks':
      service.importBlocks(message.request);
      return { answer: null };
    case 'reach':
      return { answer: service.reach(message.request) };
    case 'newest':
      return { answer: service.newest(message.request) };
    case 'stats':
      return { answer: service.stats() };
    case 'backup':
      await service.backUp(message.request);
      return { answer: null };
    case 'close':
      stop.abort();
      service[Symbol.dispose]();
      port?.unref();
      return { answer: null };
    default:
      return message satisfies never;
  }
}

while (!stop.signal.aborted) {
  const startMs = performance.now();
  const hasMore = service.work(() => performance.now() - startMs >= SLICE_MS);
  await setTimeout(hasMore ? 0 : PAUSE_MS, undefined, { signal: stop.signal }).catch(() => undefined);
}
