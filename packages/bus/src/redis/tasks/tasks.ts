import type { Redis } from 'ioredis';
import { BusError } from '../../bus-error.ts';
import type { BusConnection, Rejection } from '../../ports.ts';
import type { TaskBus } from '../../task-ports.ts';
import { openClient } from '../connection/client.ts';
import {
  ANSWER_TIMEOUT_MS,
  BLOCKED_SOCKET_TIMEOUT_MS,
  connectionOptions,
  type RedisSettings,
} from '../connection/connection-options.ts';
import { startHeartbeat } from '../connection/heartbeat.ts';
import { keepConnected, type Life } from '../connection/keep-connected.ts';
import { applyReport } from './apply-report.ts';
import { createEventFollower, readEvents, readLastCursor } from './read-events.ts';
import { readLog, readLogs, readLogTail } from './read-logs.ts';
import { findRunners, readPresentHosts, readRunner } from './read-runners.ts';
import { listTasks, readBoard, readTask } from './read-tasks.ts';
import { createReportReader, makeHubsGroup, renewReports, takeOverReports } from './receive-reports.ts';
import {
  cancelTask,
  changeTask,
  checkAccess,
  createTask,
  endLostTask,
  prune,
  repeatCancel,
} from './task-commands.ts';

export type RedisTasksOptions = {
  readonly redis: RedisSettings;
  /** Names this hub among those that share the reports. One that keeps its name over a restart gets back what it read and did not apply. */
  readonly hub: string;
  /** Transitions alone. */
  readonly onConnection?: (connection: BusConnection) => void;
  /** Something in Redis cannot be read, and was left out. */
  readonly onRejected?: (rejection: Rejection) => void;
  readonly random?: () => number;
};

const PING_AFTER_MS = 3000;

type Session = {
  readonly life: Life;
  readonly commands: Redis;
  readonly events: ReturnType<typeof createEventFollower>;
  readonly reports: ReturnType<typeof createReportReader>;
};

/**
 * Starts a hub's side of the tasks, over three connections that live and end together: for commands, and two that block until there
 * are events and reports. Returns before they are made. Needs Redis 7, since its scripts are refused as a whole or not at all.
 * @throws BusError `bad_url` or `bad_certificate`
 */
export async function startRedisTasks(
  { redis: settings, hub, onConnection, onRejected = () => {}, random }: RedisTasksOptions,
  { signal }: { signal?: AbortSignal } = {},
): Promise<TaskBus> {
  const shared = connectionOptions(settings);
  const commandOptions = {
    ...shared,
    commandTimeout: ANSWER_TIMEOUT_MS,
    connectionName: 'booner-hub-tasks',
    enableAutoPipelining: true,
  };
  const blocking = { ...shared, socketTimeout: BLOCKED_SOCKET_TIMEOUT_MS };
  let current: Session | null = null;

  const open = async (life: Life) => {
    const [commands, events, reports] = await Promise.all([
      openClient(commandOptions, life),
      openClient({ ...blocking, connectionName: 'booner-hub-events' }, life),
      openClient({ ...blocking, connectionName: 'booner-hub-reports' }, life),
    ]);
    life.signal.addEventListener('abort', () => {
      current = null;
    });
    startHeartbeat(commands, life, { everyMs: PING_AFTER_MS });
    await checkAccess(commands);
    const makeReports = async () => {
      await makeHubsGroup(commands);
      await renewReports(commands, onRejected);
    };
    await makeReports().catch((error: BusError) => {
      // At maxmemory nothing is made, but all can be read; who asks for reports makes the group later.
      if (error.reply !== 'OOM') throw error;
    });
    current = {
      life,
      commands,
      events: createEventFollower(events, onRejected),
      reports: createReportReader(reports, hub, onRejected),
    };
    return undefined;
  };
  const link = keepConnected({ open, onConnection, random, signal });

  const connected = () => {
    if (current !== null) return current;
    const connection = link.connection();
    const reason =
      connection.state === 'disconnected' ? connection.reason : 'the connection to Redis is being made';
    throw new BusError('disconnected', reason);
  };
  /** A method that needs the connection. A master that became a replica is left: the next session finds the new one. */
  const using =
    <A extends unknown[], R>(run: (session: Session, ...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      const session = connected();
      try {
        return await run(session, ...args);
      } catch (error) {
        if (error instanceof BusError && error.reply === 'READONLY') session.life.end(error);
        throw error;
      }
    };

  return {
    connection: link.connection,
    whenConnected: link.whenConnected,
    create: using(({ commands }, task) => createTask(commands, task)),
    cancel: using(({ commands }, id) => cancelTask(commands, id)),
    change: using(({ commands }, id, change) => changeTask(commands, id, change)),
    endLost: using(({ commands }, id, attempt, error) => endLostTask(commands, id, attempt, error)),
    repeatCancel: using(({ commands }, id, afterMs) => repeatCancel(commands, id, afterMs)),

    read: using(({ commands }, id) => readTask(commands, id, onRejected)),
    list: using(({ commands }, query) => listTasks(commands, query, onRejected)),
    readBoard: using(({ commands }, ended) => readBoard(commands, ended, onRejected)),

    nextEvents: using(({ events }, after, max) => events.next(after, max)),
    readEvents: using(({ commands }, after, max) => readEvents(commands, after, max, onRejected)),
    readLastCursor: using(({ commands }) => readLastCursor(commands)),

    nextReports: using(({ reports }, max) => reports.next(max)),
    takeOverReports: using(({ commands }, idleMs, max) => takeOverReports(commands, hub, idleMs, max)),
    apply: using(({ commands }, received) => applyReport(commands, received)),

    readRunner: using(({ commands }, host) => readRunner(commands, host, onRejected)),
    readPresentHosts: using(({ commands }, hosts) => readPresentHosts(commands, hosts)),
    findRunners: using(({ commands, life }, action) =>
      findRunners(commands, action, onRejected, life.signal),
    ),

    readLogTail: using(({ commands }, id, max) => readLogTail(commands, id, max, onRejected)),
    readLog: using(({ commands }, id, from, max) => readLog(commands, id, from, max, onRejected)),
    readLogs: using(({ commands }, from, max) => readLogs(commands, from, max, onRejected)),

    prune: using(({ commands }, retention) => prune(commands, retention)),
    [Symbol.asyncDispose]: link.stop,
  };
}
