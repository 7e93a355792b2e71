import { once } from 'node:events';
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { HostId } from '@booner/protocol';
import type { FromTrial, PageTaken, ToTrial, TrialData, TriedHost } from './trial-messages.ts';

/** A program of its own: beside this file, or beside the bundle of the hub. */
const WORKER = join(import.meta.dirname, `trial-worker${extname(import.meta.filename)}`);
/** A page of 300,000 values takes about 50 MiB while it is parsed. */
const MAX_HEAP_MIB = 256;

/** A rule that is tried in a thread of its own. One request at a time. */
export type TrialThread = AsyncDisposable & {
  /** Takes a page of a host. Pages MUST come in the order of time, those of one host together. */
  take(host: HostId, json: Uint8Array<ArrayBuffer>): Promise<PageTaken>;
  /** Ends the trial on a host. */
  end(host: HostId): Promise<TriedHost>;
};

/**
 * Starts a thread that tries a rule, since testing it on a month of samples would block the hub.
 * Requests reject once the signal aborts. Disposal ends the thread at once.
 */
export function startTrialThread(data: TrialData, { signal }: { readonly signal: AbortSignal }): TrialThread {
  const thread = new Worker(WORKER, {
    workerData: data,
    name: 'alert-trial',
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
  });
  const stop = new AbortController();
  thread.on('error', (error) => stop.abort(error));
  thread.on('exit', () => stop.abort(new Error('the thread of the trial ended')));
  const ended = AbortSignal.any([signal, stop.signal]);
  const ask = async <Answer extends FromTrial>(message: ToTrial, transfer: ArrayBuffer[] = []) => {
    ended.throwIfAborted();
    thread.postMessage(message, transfer);
    const [answer] = await once(thread, 'message', { signal: ended }).catch((error: unknown) => {
      throw ended.aborted ? ended.reason : error;
    });
    return answer as Answer;
  };
  return {
    take: (host, json) => ask<PageTaken>({ type: 'page', host, json }, [json.buffer]),
    end: (host) => ask<TriedHost>({ type: 'end', host }),
    async [Symbol.asyncDispose]() {
      await thread.terminate();
    },
  };
}
