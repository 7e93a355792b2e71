import { CLOSE_CODES } from '@booner/protocol';
import type { Logger } from '@booner/service';
import { sleep } from '@booner/service/abort';
import type { HubConfig } from './config/config.ts';
import type { Feature } from './feature/feature.ts';
import type { HttpServer } from './http/server.ts';
import { releaseAfterBursts } from './release-after-bursts.ts';
import type { SocketSupervisor } from './ws/socket-supervisor.ts';

/**
 * Time for background work to end. What still waits then for a Redis that does not answer is
 * refused: its connections are closed.
 */
const WORK_WITHIN_MS = 3000;

export type RunHubOptions = {
  readonly features: readonly Feature[];
  readonly supervisor: SocketSupervisor;
  readonly server: HttpServer;
  /** The runner of embedded mode. */
  readonly runner: AsyncDisposable;
  readonly config: Pick<HubConfig, 'intervalMs'>;
  readonly log: Logger;
  /** Aborted when the hub stops. */
  readonly stop: AbortController;
  /** Everything that was started, disposed of last. */
  readonly owned: AsyncDisposable;
};

export type RunningHub = AsyncDisposable & {
  readonly url: string;
  /**
   * Rejects with a {@link StartError} if the hub turns out to be unusable with its settings. Never
   * resolves.
   */
  readonly failed: Promise<never>;
};

/** Runs the background work of a hub. Disposal ends it in the order that loses nothing. */
export function runHub(options: RunHubOptions): RunningHub {
  const { features, supervisor, server, runner, config, log, stop, owned } = options;
  const { signal } = stop;
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => {}); // not every caller waits for it
  const connections = () => server.connections();
  const releasing = releaseAfterBursts({ intervalMs: config.intervalMs, connections, log }, { signal });
  const running = Promise.all(
    [...features, supervisor, server].map((part) => part.run?.({ signal }).catch(failure.reject)),
  );
  return {
    url: server.url,
    failed: failure.promise,
    async [Symbol.asyncDispose]() {
      server.stopIntake();
      await runner[Symbol.asyncDispose](); // first, because its last reports need a hub
      await supervisor.closeAll(CLOSE_CODES.goingAway, 'the hub is stopping: reconnect');
      stop.abort();
      const ended = Promise.all([running, releasing]);
      const waiting = new AbortController();
      await Promise.race([ended, sleep(WORK_WITHIN_MS, waiting.signal)]);
      waiting.abort();
      await owned[Symbol.asyncDispose]();
      await ended;
    },
  };
}
