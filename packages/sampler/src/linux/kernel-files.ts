import { closeSync, openSync, read, readSync } from 'node:fs';
import { promisify } from 'node:util';
import { SamplerError } from '../sampler-error.ts';

/** A file that the kernel generates on reading, such as one of /proc. */
export type KernelFile = {
  /**
   * Returns the current text. Reads synchronously: MUST only be used for files that never block.
   * @throws the system's error (`ENOENT`, `EACCES`, …), or `SamplerError` after disposal
   */
  read(): string;
};

/** A short file that may wait for a device when read, such as a temperature. */
export type SlowFile = {
  /**
   * Returns the first 64 bytes, read on a thread of the pool. Rejects with the system's error, or
   * `SamplerError` after disposal.
   */
  read(): Promise<string>;
};

/** Reads kernel files through descriptors that stay open, which halves the system calls. */
export type KernelFiles = Disposable & {
  /** Opens a file on its first read. Use `utf8` for texts with names that people chose. */
  file(path: string, encoding?: 'latin1' | 'utf8'): KernelFile;
  slowFile(path: string): SlowFile;
};

const readOnThread = promisify(read);
const SLOW_FILE_BYTES = 64;

const FIRST_BUFFER_BYTES = 16 * 1024;
/** /proc/stat of 4096 CPUs has 0.5 MB; mountinfo of 10,000 mounts 2 MB. */
const MAX_FILE_BYTES = 8 * 1024 * 1024;

export function createKernelFiles(): KernelFiles {
  const descriptors = new Map<string, number>();
  // Shared by all files, as reads are synchronous. Grows to the longest file.
  let buffer = Buffer.allocUnsafeSlow(FIRST_BUFFER_BYTES);
  let isDisposed = false;

  function open(path: string): number {
    if (isDisposed) throw new SamplerError('stopped', 'the sampler was stopped');
    let descriptor = descriptors.get(path);
    if (descriptor === undefined) {
      descriptor = openSync(path, 'r');
      descriptors.set(path, descriptor);
    }
    return descriptor;
  }

  function close(path: string): void {
    const descriptor = descriptors.get(path);
    descriptors.delete(path);
    if (descriptor !== undefined) closeSync(descriptor);
  }

  /**
   * The kernel generates a file again when it is read at position 0, in chunks of about a page. An
   * empty read is the end.
   */
  function fill(descriptor: number, path: string): number {
    let length = 0;
    for (;;) {
      if (length === buffer.length) buffer = enlarged(buffer, path);
      const count = readSync(descriptor, buffer, length, buffer.length - length, length);
      if (count === 0) return length;
      length += count;
    }
  }

  return {
    file: (path, encoding = 'latin1') => ({
      read() {
        const descriptor = open(path);
        try {
          const length = fill(descriptor, path); // may replace the buffer
          return buffer.toString(encoding, 0, length);
        } catch (error) {
          // its device may have been replaced (ENODEV), so the next read opens it again
          close(path);
          throw error;
        }
      },
    }),
    slowFile: (path) => ({
      async read() {
        const descriptor = open(path); // only reading waits for the device
        try {
          const { bytesRead, buffer: own } = await readOnThread(
            descriptor,
            Buffer.alloc(SLOW_FILE_BYTES),
            0,
            SLOW_FILE_BYTES,
            0,
          );
          return own.toString('latin1', 0, bytesRead);
        } catch (error) {
          close(path);
          throw error;
        }
      },
    }),
    [Symbol.dispose]() {
      isDisposed = true;
      for (const path of [...descriptors.keys()]) close(path);
    },
  };
}

function enlarged(buffer: Buffer, path: string): Buffer<ArrayBuffer> {
  if (buffer.length >= MAX_FILE_BYTES) {
    throw new SamplerError('bad_format', `${path} is longer than ${MAX_FILE_BYTES} bytes`);
  }
  const larger = Buffer.allocUnsafeSlow(buffer.length * 2);
  buffer.copy(larger);
  return larger;
}

/** Sensors of one sample read within this time. */
const SAME_SAMPLE_MS = 20;

/**
 * Shares one reading of a file among the sensors of a sample, so that the kernel generates it once.
 */
export function shareReading(file: KernelFile, monotonicNow: () => number): KernelFile {
  let text = '';
  let readAtMs = Number.NEGATIVE_INFINITY;
  return {
    read() {
      const nowMs = monotonicNow();
      if (!(nowMs - readAtMs <= SAME_SAMPLE_MS)) {
        text = file.read();
        readAtMs = nowMs;
      }
      return text;
    },
  };
}
