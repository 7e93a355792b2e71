import { backoffDelayMs } from '@booner/protocol/backoff';
import { aborted, sleep } from '@booner/service/abort';
import { BusError } from '../../bus-error.ts';
import type { BusConnection } from '../../ports.ts';

/** One attempt to connect and, if it succeeds, the time until the connection is lost. */
export type ConnectionScope = {
  /**
   * Aborts when the scope ends, with the reason. Every connection that was opened in the scope ends
   * with it.
   */
  readonly signal: AbortSignal;
  /**
   * Ends the scope. The connection is `disconnected` when this returns. Later calls have no effect.
   */
  end(reason: BusError): void;
};

export type KeepConnectedOptions = {
  /**
   * Connects, or rejects with a BusError that says why it cannot. MUST settle soon after the
   * scope's signal aborts.
   * @returns a function to call once the connection has been reported, if any
   */
  readonly open: (scope: ConnectionScope) => Promise<undefined | (() => void)>;
  /**
   * Called for transitions only: once per outage however many attempts it takes, and once more if
   * the bus can be reached again but refuses this user, which needs an operator.
   */
  readonly onConnection?: (connection: BusConnection) => void;
  /**
   * The longest pause between two attempts; default 5000. Shorter only where few clients connect.
   */
  readonly maxBackoffMs?: number;
  readonly random?: () => number;
  /** Stops as `stop` does. */
  readonly signal?: AbortSignal;
};

const BACKOFF = { minMs: 100, maxMs: 5000 };
/**
 * A connection that lasted less does not reset the backoff, so that a server that accepts
 * connections and drops them is not flooded.
 */
const STABLE_MS = 5000;

/**
 * Keeps the bus connected until `stop`: after each loss and each failed attempt it retries with
 * backoff.
 */
export function keepConnected({ open, onConnection, random, ...options }: KeepConnectedOptions) {
  const backoff = { ...BACKOFF, maxMs: options.maxBackoffMs ?? BACKOFF.maxMs };
  const stopping = new AbortController();
  const stopped = stopping.signal;
  let connection: BusConnection = { state: 'connecting', sinceMs: Date.now() };
  let current: ConnectionScope | null = null;

  /** True once this outage was reported as a refusal. */
  let isRefused = false;

  const waiting = new Set<() => void>();
  const wake = () => {
    for (const settle of waiting) settle();
  };
  const isConnected = () => connection.state === 'connected';
  const whenConnected = (signal: AbortSignal): Promise<boolean> => {
    if (isConnected() || signal.aborted || stopped.aborted) {
      return Promise.resolve(isConnected() && !signal.aborted);
    }
    return new Promise((resolve) => {
      const settle = () => {
        waiting.delete(settle);
        signal.removeEventListener('abort', settle);
        resolve(isConnected() && !signal.aborted);
      };
      waiting.add(settle);
      signal.addEventListener('abort', settle);
    });
  };

  const lost = ({ message: reason, code }: BusError) => {
    const isEnd = connection.state !== 'disconnected';
    const isNews = isEnd || (code === 'refused' && !isRefused);
    isRefused = code === 'refused' || (isRefused && !isEnd);
    connection = { state: 'disconnected', sinceMs: isEnd ? Date.now() : connection.sinceMs, reason };
    if (isNews && !stopped.aborted) onConnection?.(connection);
  };
  const startScope = (): ConnectionScope => {
    const controller = new AbortController();
    const end = (reason: BusError) => {
      if (controller.signal.aborted) return;
      controller.abort(reason);
      lost(reason);
    };
    return { signal: controller.signal, end };
  };
  /** @returns the time that the connection lasted, in milliseconds */
  const connect = async (scope: ConnectionScope): Promise<number> => {
    const onceOpen = await open(scope);
    if (scope.signal.aborted) return 0;
    const startMs = performance.now();
    connection = { state: 'connected', sinceMs: Date.now() };
    onConnection?.(connection);
    wake();
    onceOpen?.();
    await aborted(scope.signal);
    return performance.now() - startMs;
  };
  const run = async () => {
    for (let failures = 0; !stopped.aborted; failures += 1) {
      current = startScope();
      try {
        if ((await connect(current)) >= STABLE_MS) failures = 0;
      } catch (error) {
        if (!(error instanceof BusError)) throw error;
        current.end(error);
      }
      await sleep(backoffDelayMs(failures, backoff, random), stopped);
    }
  };
  const running = run();
  const stop = async () => {
    stopping.abort();
    const reason = new BusError('disconnected', 'stopped');
    current?.end(reason);
    lost(reason);
    wake();
    await running;
  };
  if (options.signal?.aborted) void stop();
  options.signal?.addEventListener('abort', () => void stop(), { once: true, signal: stopped });
  return {
    connection: () => connection,
    whenConnected,
    /** Disconnects for good. Nothing is reported afterwards. Safe to call again. */
    stop,
  };
}
