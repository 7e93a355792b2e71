import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Logger } from '@booner/service';
import { HistoryError } from './history-error.ts';
import type { History } from './history-port.ts';
import type { Answers, FromWorker, ToWorker, WorkerData } from './messages.ts';
import { BatchWriter } from './sample-batch.ts';

/** Samples are passed in batches: one message for each would cost more than storing them. */
const BATCH_MS = 500;
const MAX_BATCH = 500;
/** Samples that the worker may be behind; further ones are dropped. */
const MAX_BEHIND = 50_000;
/** Requests that may wait; further ones are refused, since each waits behind all before it. */
const MAX_WAITING = 256;
const CLOSE_DEADLINE_MS = 3_000;

export type StartHistoryOptions = WorkerData & {
  readonly log: Logger;
  /** The worker's code. Default: `history-worker` beside this file. */
  readonly worker?: string;
};

type Pending = { readonly resolve: (answer: never) => void; readonly reject: (error: unknown) => void };

/**
 * Starts a history in a folder, in a thread of its own. Disposal stores what was received, within
 * 3 s. If the thread fails, requests reject and samples are dropped; the hub goes on.
 */
export function startHistory({ log, worker = defaultWorker(), ...workerData }: StartHistoryOptions): History {
  const thread = new Worker(worker, { workerData, name: 'history', execArgv: [] });
  const pending = new Map<number, Pending>();
  const batch = new BatchWriter();
  let timer: NodeJS.Timeout | null = null;
  let behind = 0;
  let dropped = 0;
  let lastId = 0;
  let failure: HistoryError | null = null;

  const send = (message: ToWorker, transfer: ArrayBuffer[] = []) => thread.postMessage(message, transfer);
  const flush = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (batch.size === 0) return;
    behind += batch.size;
    const samples = batch.take();
    send({ type: 'samples', samples }, [samples.numbers.buffer]);
  };
  const ask = <Name extends keyof Answers>(
    type: Name,
    request: Answers[Name]['request'],
  ): Promise<Answers[Name]['answer']> => {
    if (failure !== null) return Promise.reject(failure);
    if (type !== 'close' && pending.size >= MAX_WAITING) {
      return Promise.reject(
        new HistoryError('busy', `${MAX_WAITING} requests wait for the history: try later`),
      );
    }
    flush(); // answers include what was received before
    const { promise, resolve, reject } = Promise.withResolvers<Answers[Name]['answer']>();
    const id = ++lastId;
    pending.set(id, { resolve, reject });
    send({ type, request, id } as ToWorker);
    return promise;
  };
  const settle = (id: number, action: (waiting: Pending) => void) => {
    const waiting = pending.get(id);
    pending.delete(id);
    if (waiting !== undefined) action(waiting);
  };
  const fail = (message: string, cause?: unknown) => {
    failure ??= new HistoryError('closed', message, { cause });
    for (const { reject } of pending.values()) reject(failure);
    pending.clear();
    batch.clear();
  };

  thread.on('message', (message: FromWorker) => {
    switch (message.type) {
      case 'taken':
        behind -= message.samples;
        break;
      case 'recording':
        if (message.recording.state === 'recording') log.info('the history is recorded again');
        else log.warn({ reason: message.recording.reason }, 'the history is not recorded');
        break;
      case 'clockDoubt':
        if (message.reason === null) log.info('old history is deleted again');
        else
          log.info(
            { reason: message.reason },
            'no old history is deleted for 24 h, in case the clock of this machine is wrong',
          );
        break;
      case 'damaged':
        log.error(
          { file: message.file, reason: message.reason },
          'the history is damaged: its file was set aside, and a new one was begun',
        );
        break;
      case 'answer':
        settle(message.id, ({ resolve }) => resolve(message.answer as never));
        break;
      case 'failed':
        settle(message.id, ({ reject }) =>
          reject(
            message.code === null
              ? new Error(message.message)
              : new HistoryError(message.code, message.message),
          ),
        );
        break;
      default:
        message satisfies never;
    }
  });
  thread.on('error', (error) => {
    log.error({ err: error }, 'the history stopped: restart the hub to record again');
    fail('the history has failed', error);
  });
  thread.on('exit', () => fail('the history is closed'));
  thread.unref();

  return {
    append(sample) {
      if (failure !== null || behind + batch.size >= MAX_BEHIND) {
        dropped++;
        return;
      }
      batch.add(sample);
      if (batch.size >= MAX_BATCH) flush();
      else timer ??= setTimeout(flush, BATCH_MS).unref();
    },
    annotate: (host, annotation) => {
      if (failure === null) send({ type: 'annotation', host, annotation });
    },
    addMissed: (host, missed) => ask('missed', { host, missed }),
    exportBlocks: (request) => ask('exportBlocks', request),
    async importBlocks(blocks) {
      await ask('importBlocks', blocks);
    },
    reach: (host) => ask('reach', host),
    newest: (hosts) => ask('newest', hosts),
    query: (request) => ask('query', request),
    rank: (request) => ask('rank', request),
    async stats() {
      const stats = await ask('stats', null);
      return { ...stats, droppedSamples: stats.droppedSamples + dropped };
    },
    async backup(file) {
      await ask('backup', file);
    },
    async [Symbol.asyncDispose]() {
      const deadline = setTimeout(() => void thread.terminate(), CLOSE_DEADLINE_MS);
      try {
        if (failure === null) await ask('close', null).catch(() => undefined);
      } finally {
        clearTimeout(deadline);
        await thread.terminate();
      }
    },
  };
}

/** `.ts` from source, `.mjs` in a bundle, which has it as a second file. */
const defaultWorker = (): string =>
  join(import.meta.dirname, `history-worker${extname(import.meta.filename)}`);
