import type { SendOutcome } from '@booner/bus';
import type { LogEntry, LogLine } from '@booner/protocol';
import { createPacer } from '@booner/service/pacer';
import { createLogBuffer } from './log-buffer.ts';

/** Lines within this time are sent together. */
const FLUSH_AFTER_MS = 100;
/** From this size on, output is sent at once. */
const FULL_BYTES = 8 * 1024;
/** Limit for one task while the bus is slow or disconnected. The oldest lines are dropped. */
const MAX_BUFFERED_BYTES = 1024 * 1024;
const ENTRIES_PER_SEND = 16;
const RETRY_AFTER_MS = 1000;

/** Sends one task's output, in order. */
export type LogWriter = {
  add(stream: LogLine['stream'], text: string): void;
  /** Number of lines so far, including dropped ones. */
  lines(): number;
  /** Returns when everything is sent, or after `deadlineMs`. Sending continues after that. */
  flush(deadlineMs: number): Promise<void>;
  /** Retries now, as the bus is connected again. */
  wake(): void;
  /** Drops unsent lines. */
  stop(): void;
};

/** @param firstLine number of the first line; continues after the lines of earlier attempts */
export function startLogWriter(
  send: (entries: readonly LogEntry[]) => Promise<SendOutcome>,
  firstLine = 1,
): LogWriter {
  const buffer = createLogBuffer({ maxBytes: MAX_BUFFERED_BYTES, firstLine });
  const waitingForAll = new Set<() => void>();
  let outcome: SendOutcome = 'sent';
  let stopped = false;

  const sendAll = async () => {
    do {
      const entries = buffer.take(ENTRIES_PER_SEND);
      if (entries.length === 0) break;
      outcome = await send(entries);
      if (outcome === 'unsent') buffer.putBack(entries);
    } while (outcome === 'sent' && !stopped);
    if (outcome === 'unsent') pace.request(RETRY_AFTER_MS);
    else for (const resolve of waitingForAll) resolve();
  };
  const pace = createPacer(sendAll, { minGapMs: 0 });
  return {
    add: (stream, text) => {
      buffer.add(stream, text);
      if (outcome === 'sent') pace.request(buffer.bytes() >= FULL_BYTES ? 0 : FLUSH_AFTER_MS);
    },
    lines: buffer.lines,
    flush: async (deadlineMs) => {
      if (buffer.bytes() === 0 && !pace.isBusy()) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, deadlineMs);
      waitingForAll.add(resolve);
      pace.request();
      await promise;
      clearTimeout(timer);
      waitingForAll.delete(resolve);
    },
    wake: () => {
      if (buffer.bytes() > 0) pace.request();
    },
    stop: () => {
      stopped = true;
      pace.stop();
    },
  };
}
