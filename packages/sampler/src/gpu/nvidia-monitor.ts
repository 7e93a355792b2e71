import type { GpuMeasurement } from '@booner/protocol';
import { backoffDelayMs } from '@booner/protocol/backoff';
import { sleep } from '@booner/service/abort';
import { runNvidiaProcess } from './nvidia-process.ts';
import {
  createInstantGrouper,
  nvidiaQueryArguments,
  parseNvidiaRow,
  saysDriverError,
  saysNoDevices,
} from './nvidia-query.ts';

export type NvidiaMonitorOptions = {
  /** Executable; default `nvidia-smi`. */
  readonly command?: string;
  /** Time between readings; default 3000. */
  readonly intervalMs?: number;
  /** Maximum wait for the first reading of a process; default 30 s. */
  readonly firstAnswerMs?: number;
  /** Bounds of the wait before a restart; default 1 s to 60 s. */
  readonly restart?: { readonly minMs: number; readonly maxMs: number };
  readonly random?: () => number;
};

/** Watches the NVIDIA GPUs through one `nvidia-smi` that runs until disposal. */
export type NvidiaMonitor = {
  /**
   * Returns the GPUs of the last instant; none if the driver has none. Waits up to 0.8 s for a
   * first report. Rejects with the message of the driver or the process if the last reading is
   * older than three intervals.
   */
  read(): Promise<readonly GpuMeasurement[]>;
  /** Returns the GPUs of the last reading, however old, for their names; none before the first. */
  known(): readonly GpuMeasurement[];
};

const FIRST_READ_WAIT_MS = 800;
/**
 * Disposal waits this long for the process to end: the driver may hold it in an uninterruptible
 * state.
 */
const STOP_WAIT_MS = 2000;
const STALE_INTERVALS = 3;
const SILENT_INTERVALS = 5;
const MAX_MESSAGE_LENGTH = 500;

/**
 * Starts watching. A process that ends or falls silent is restarted with backoff. After a driver
 * error the backoff is the maximum at once.
 */
export async function startNvidiaMonitor(
  {
    command = 'nvidia-smi',
    intervalMs = 3000,
    firstAnswerMs = 30_000,
    restart = { minMs: 1000, maxMs: 60_000 },
    random = Math.random,
  }: NvidiaMonitorOptions,
  { signal }: { signal: AbortSignal },
): Promise<NvidiaMonitor & AsyncDisposable> {
  const stop = new AbortController();
  const ended = AbortSignal.any([signal, stop.signal]);
  const firstWord = Promise.withResolvers<void>();
  let silentSinceStart = true;
  let last: { gpus: readonly GpuMeasurement[]; atMs: number } | null = null;
  let failure: string | null = null;
  let noDevices = false;
  const heard = () => {
    silentSinceStart = false;
    firstWord.resolve();
  };

  const run = async (): Promise<string> => {
    const grouper = createInstantGrouper();
    let message: string | null = null;
    const reason = await runNvidiaProcess(
      {
        command,
        args: nvidiaQueryArguments(intervalMs),
        firstAnswerMs,
        silenceMs: SILENT_INTERVALS * intervalMs,
        onLine(line, answered) {
          const row = parseNvidiaRow(line);
          if (row === null) {
            // the first line is the error, later ones give advice
            message ??= line.trim().slice(0, MAX_MESSAGE_LENGTH) || null;
            return;
          }
          answered();
          message = null;
          const gpus = grouper(row);
          if (gpus === null) return;
          last = { gpus, atMs: performance.now() };
          failure = null;
          noDevices = false;
          heard();
        },
      },
      ended,
    );
    return message ?? reason;
  };

  const supervise = async (): Promise<void> => {
    for (let attempt = 0; !ended.aborted; attempt += 1) {
      const startedMs = performance.now();
      const reason = await run();
      if (ended.aborted) break;
      noDevices = saysNoDevices(reason);
      failure = noDevices ? null : reason;
      heard();
      // A process that ran for long was healthy: start over. A driver error does not go within
      // seconds: use the maximum.
      if (performance.now() - startedMs > restart.maxMs) attempt = 0;
      const patience = noDevices || saysDriverError(reason) ? Number.MAX_SAFE_INTEGER : attempt;
      await sleep(backoffDelayMs(patience, restart, random), ended);
    }
    failure = 'stopped';
    last = null;
    noDevices = false;
    heard();
  };
  const supervision = supervise();

  return {
    async read() {
      if (silentSinceStart) await Promise.race([firstWord.promise, sleep(FIRST_READ_WAIT_MS, ended)]);
      if (noDevices) return [];
      if (last !== null && performance.now() - last.atMs <= STALE_INTERVALS * intervalMs) return last.gpus;
      throw new Error(failure ?? silence(last, intervalMs));
    },
    known: () => last?.gpus ?? [],
    async [Symbol.asyncDispose]() {
      stop.abort();
      const limit = new AbortController();
      await Promise.race([supervision, sleep(STOP_WAIT_MS, limit.signal)]);
      limit.abort();
    },
  };
}

function silence(last: { atMs: number } | null, intervalMs: number): string {
  if (last === null) return 'nvidia-smi has not reported yet';
  return `nvidia-smi has reported nothing for more than ${Math.round((STALE_INTERVALS * intervalMs) / 1000)} s`;
}
