import type { Server } from 'node:net';
import type { Logger } from '@booner/service';
import { slotOf } from '../catalogue/slot.ts';
import type { ActionRun } from '../process/start-action.ts';
import { type Actions, type ListedActions, refusedRun } from '../run/actions.ts';
import { MAX_RUNS } from './messages.ts';
import { type RunnerConnection, startRunnerConnection } from './runner-connection.ts';

export type ServeLauncherOptions = {
  /** Listens where only the runner can connect. */
  readonly server: Server;
  readonly actions: Actions;
  /** From TERM to KILL of the runs that a lost connection leaves. */
  readonly graceMs: number;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** The actions cannot be served. */
  readonly onFailure: (error: unknown) => void;
};

/**
 * Runs actions for one runner at a time. A runner can start what the action files of this host
 * allow, with parameters that they allow, and end what it started; nothing else.
 *
 * A new connection replaces the previous one, whose unread requests are dropped: nothing may start
 * for an earlier start of the runner any more.
 * @returns what ends the connection and waits for its runs
 */
export function serveLauncher(options: ServeLauncherOptions): AsyncDisposable {
  const { server, actions, graceMs, logger, onFailure } = options;
  /** Slots of the runs. */
  const held = new Map<ActionRun, string>();
  let offered: ListedActions = new Map();
  let serving: Promise<void> | null = null;
  let connection: RunnerConnection | null = null;

  const serve = async (): Promise<ListedActions> => {
    serving ??= actions.serve((next) => {
      offered = next;
      connection?.take(next);
    });
    try {
      await serving;
    } catch (error) {
      onFailure(error);
    }
    return offered;
  };
  /** The runner keeps locks and limits as well. One that an attacker controls would not. */
  const start: Actions['start'] = (request, events) => {
    const action = offered.get(request.action);
    const slot = action === undefined ? null : slotOf(action);
    const taken = [...held.values()].filter((key) => key === slot?.key).length;
    if (slot !== null && taken >= slot.limit) return refusedRun(`the ${slot.key} is in use`);
    if (held.size >= MAX_RUNS) return refusedRun(`${MAX_RUNS} tasks are running`);
    const run = actions.start(request, events);
    held.set(run, slot?.key ?? '');
    void run.ended.then(() => held.delete(run));
    return run;
  };

  server.on('connection', (socket) => {
    connection?.close('another runner has connected');
    const current = startRunnerConnection({
      socket,
      actions: { endLeft: actions.endLeft, start },
      serve,
      graceMs,
      logger,
    });
    connection = current;
    socket.once('close', () => {
      if (connection === current) connection = null;
    });
  });
  return {
    [Symbol.asyncDispose]: async () => {
      server.close();
      connection?.close('the launcher is stopping');
      await Promise.all([...held.keys()].map(({ ended }) => ended));
    },
  };
}
