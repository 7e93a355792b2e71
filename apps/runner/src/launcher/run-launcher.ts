import { once } from 'node:events';
import { createServer } from 'node:net';
import {
  createLocalActions,
  DEFAULT_RUN_POLICY,
  findServiceLauncher,
  RunnerError,
  serveLauncher,
} from '@booner/runner';
import { aborted, StartError } from '@booner/service';
import { releaseMemory } from '@booner/service/release-memory';
import type { DaemonContext } from '@booner/service/run-daemon';
import type { LauncherConfig } from './config.ts';

/**
 * Starts actions for the runner until the signal aborts, then ends those that still run. systemd
 * stops the runner first, which waits for its tasks.
 * @throws StartError if systemd does not pass on a socket or cannot run services here, or the
 * folder of the run directories cannot be used
 */
export async function runLauncher(
  { config, logger, manager }: DaemonContext<LauncherConfig>,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const { actionsDirectory, runsDirectory, socketDescriptor } = config;
  if (socketDescriptor === null)
    throw new StartError('there is no socket to listen on: run systemctl start booner-launcher.socket');
  if (process.geteuid?.() !== 0) throw new StartError('the launcher must run as root');
  const found = await findServiceLauncher();
  if (!found.ok) throw new StartError(`systemd cannot run services here: ${found.reason}`);
  const policy = { ...DEFAULT_RUN_POLICY, launcher: found.launcher };
  const failed = Promise.withResolvers<never>();
  await using stack = new AsyncDisposableStack();
  const actions = stack.use(
    createLocalActions({
      directory: actionsDirectory,
      trusted: false,
      runs: { kept: [runsDirectory], temporaryIn: [] },
      policy,
      logger,
    }),
  );
  const server = createServer();
  stack.use(
    serveLauncher({
      server,
      actions,
      graceMs: policy.graceMs,
      logger,
      onFailure: (error) =>
        failed.reject(error instanceof RunnerError ? new StartError(error.message, { cause: error }) : error),
    }),
  );
  server.on('connection', (socket) => {
    manager.status('serving the runner');
    socket.once('close', () => manager.status('waiting for the runner'));
  });
  server.listen({ fd: socketDescriptor });
  await once(server, 'listening');
  manager.ready();
  manager.status('waiting for the runner');
  logger.info({ directory: actionsDirectory, runs: runsDirectory }, 'launcher started');
  releaseMemory();
  await Promise.race([aborted(signal), failed.promise]);
  logger.info('launcher stopped');
}
