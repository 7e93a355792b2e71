import { type HostId, LOG_TTL_MS, type LogEntry, MAX_LOG_ENTRIES, type Report } from '@booner/protocol';
import { ARTEFACT_TTL_MS } from '@booner/protocol/limits';
import { artefactKey, logKey, REPORTS_KEY, reportsKey } from '@booner/protocol/redis-names';
import type { Redis } from 'ioredis';
import { BusError } from '../../bus-error.ts';
import { MAX_REPORTS, MAX_SHARED_REPORTS } from '../../limits.ts';
import type { Rejection } from '../../ports.ts';
import type { RunnerBus, RunnerListener, SendOutcome } from '../../task-ports.ts';
import { openHostClient, replyOf, toBusError } from '../connection/client.ts';
import { blockingOptions, commandOptions, type RedisSettings } from '../connection/connection-options.ts';
import { NO_ANSWER } from '../connection/failure-text.ts';
import { startHeartbeat } from '../connection/heartbeat.ts';
import type { HostPasswords } from '../connection/host-passwords.ts';
import { readBatch } from '../connection/read-batch.ts';
import { startRedisSession } from '../connection/redis-session.ts';
import { createRefusals } from '../connection/refusals.ts';
import { createServing } from './runner-serving.ts';

export type RedisRunnerOptions = {
  readonly redis: RedisSettings;
  readonly host: HostId;
  /** Take the place of the password in `redis`. Without them it is not rotated. */
  readonly passwords?: HostPasswords;
  /** Id of this start of the runner. */
  readonly instance: string;
  readonly listener: RunnerListener;
  /**
   * Called once for each kind of command that Redis refuses (`NOPERM`, `OOM`, `MISCONF`), and again
   * after it worked in between.
   */
  readonly onRefused?: (error: BusError) => void;
  /** Called for offers and control messages that cannot be parsed and were left out. */
  readonly onRejected?: (rejection: Rejection) => void;
  readonly random?: () => number;
};

const PING_AFTER_MS = 3000;
const LEAVE_TIMEOUT_MS = 1000;
/**
 * Limit of unanswered reports and log appends. Others are `unsent` at once, so that a hanging
 * server gets no backlog.
 */
const MAX_IN_FLIGHT = 256;

/**
 * Starts a runner's side of the bus over two connections that end together: one for commands, and
 * one that blocks until there are messages from hubs. Returns before they are made.
 * @throws BusError `bad_url` or `bad_certificate`
 */
export async function startRedisRunner(
  {
    redis: settings,
    host,
    passwords,
    instance,
    listener,
    onRefused,
    onRejected = () => {},
    random,
  }: RedisRunnerOptions,
  { signal }: { signal?: AbortSignal } = {},
): Promise<RunnerBus> {
  const name = `booner-runner-${host}`;
  const options = commandOptions(settings, name);
  const readOptions = blockingOptions(settings, `${name}-reads`);
  const ofReports = createRefusals(onRefused);
  const ofLogs = createRefusals(onRefused);
  const ofArtefacts = createRefusals(onRefused);
  const addReport = createReportStream(host, onRefused);
  let inFlight = 0;

  const serving = createServing({
    ...{ host, instance, listener, onRefused, onRejected, random, hello },
    offer: () => passwords?.offer() ?? null,
  });
  const { side, current } = startRedisSession({
    open: async (scope) => {
      const commands = await openHostClient(options, scope, passwords);
      const reads = await openHostClient(readOptions, scope, passwords);
      startHeartbeat(commands, scope, { everyMs: PING_AFTER_MS });
      await serving.announce({ scope, commands });
      return { session: { commands }, onceReported: () => serving.begin({ scope, commands, reads }) };
    },
    onConnection: listener.onConnection,
    random,
    signal,
  });

  async function send(
    { accepted, failed }: ReturnType<typeof createRefusals>,
    run: (commands: Redis) => Promise<unknown>,
  ): Promise<SendOutcome> {
    const session = current();
    if (session === null || inFlight >= MAX_IN_FLIGHT) return 'unsent';
    const { scope, commands } = session;
    inFlight += 1;
    try {
      await run(commands);
      accepted();
      return 'sent';
    } catch (error) {
      failed(scope, error);
      return 'unsent';
    } finally {
      inFlight -= 1;
    }
  }
  function report(message: Report): Promise<SendOutcome> {
    const text = JSON.stringify(message);
    return send(ofReports, (commands) => addReport(commands, text));
  }
  function hello(): Promise<SendOutcome> {
    return report({ type: 'hello', host, instance });
  }

  return {
    ...side,
    present: (presence) => serving.present(presence),
    report,
    appendLog: (task, entries) => send(ofLogs, (commands) => appendToLog(commands, logKey(task), entries)),
    putArtefactPart: (task, index, part) =>
      send(ofArtefacts, (commands) => commands.set(artefactKey(task, index), part, 'PX', ARTEFACT_TTL_MS)),
    leave: async () => {
      const timer = setTimeout(
        () => current()?.scope.end(new BusError('timeout', NO_ANSWER)),
        LEAVE_TIMEOUT_MS,
      );
      try {
        await serving.leave();
      } finally {
        clearTimeout(timer);
      }
    },
    [Symbol.asyncDispose]: async () => {
      await side[Symbol.asyncDispose]();
      await serving.ended();
    },
  };
}

/**
 * Appends reports to the stream of the host. A Redis user from before these streams may write only
 * the one that all hosts share, which hubs of this version still read.
 * @param onShared called when the shared stream is used: once, and again after the host's own
 * worked
 */
function createReportStream(host: HostId, onShared: (error: BusError) => void = () => {}) {
  const own = reportsKey(host);
  let stream = own;
  const add = (redis: Redis, key: string, text: string) =>
    redis.xadd(key, 'MAXLEN', '~', key === own ? MAX_REPORTS : MAX_SHARED_REPORTS, '*', 'report', text);
  return async (redis: Redis, text: string): Promise<void> => {
    const tried = stream;
    try {
      await add(redis, tried, text);
    } catch (error) {
      if (replyOf(error) !== 'NOPERM') throw error;
      const other = tried === own ? REPORTS_KEY : own;
      await add(redis, other, text);
      if (stream === tried && other === REPORTS_KEY) onShared(toBusError(error));
      stream = other;
    }
  };
}

/** Appends entries in one round trip. */
async function appendToLog(redis: Redis, key: string, entries: readonly LogEntry[]): Promise<void> {
  const replies = await readBatch(redis, (pipeline) => {
    for (const { line, stream, text } of entries) {
      pipeline.xadd(key, 'MAXLEN', '~', MAX_LOG_ENTRIES, '*', 'line', line, 'stream', stream, 'text', text);
    }
    pipeline.pexpire(key, LOG_TTL_MS);
  });
  for (const [error] of replies) if (error !== null) throw error;
}
