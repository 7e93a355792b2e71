import type { FileHandle } from 'node:fs/promises';
import type { Logger } from '@booner/service';

const CHUNK_BYTES = 256 * 1024;
/** A client that reads nothing for this long is given up, and the file is closed. */
const STALLED_MS = 60_000;

/** A file, or the part of it from `start` on. */
export type OpenFile = { readonly file: FileHandle; readonly size: number; readonly start?: number };

export type SendOptions = {
  /** Called once, when the file has been closed. */
  readonly end: () => void;
  /** Aborts when the client leaves. */
  readonly signal: AbortSignal;
  readonly log: Logger;
};

/**
 * Streams a file as fast as the client reads, and closes it at its end, or when the client leaves.
 */
export function sendOpenFile(
  { file, size, start = 0 }: OpenFile,
  { end, signal, log }: SendOptions,
): ReadableStream<Uint8Array> {
  let isClosed = false;
  const close = async () => {
    if (isClosed) return;
    isClosed = true;
    clearTimeout(stalled);
    signal.removeEventListener('abort', close);
    await file.close();
    end();
  };
  const stalled = setTimeout(close, STALLED_MS).unref();
  let left = size;
  if (signal.aborted) void close();
  else signal.addEventListener('abort', close);
  return new ReadableStream(
    {
      async pull(controller) {
        stalled.refresh();
        try {
          const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, left));
          const at = start + size - left;
          const { bytesRead, buffer } = await file.read(chunk, 0, chunk.length, at);
          left -= bytesRead;
          if (bytesRead > 0) controller.enqueue(buffer.subarray(0, bytesRead));
          if (left > 0 && bytesRead > 0) return;
          await close();
          if (left === 0) controller.close();
          else controller.error(new Error('the file is shorter than it was'));
        } catch (error) {
          if (!signal.aborted) log.warn({ err: error }, 'a file could not be sent to its end');
          await close();
          controller.error(error);
        }
      },
      cancel: close,
    },
    { highWaterMark: 0 },
  );
}
