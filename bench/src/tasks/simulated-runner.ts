import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { startRedisRunner } from '@booner/bus/redis/runner';
import type { AttemptToken, HostId, JsonObject, OfferedAction, Report, TaskId } from '@booner/protocol';
import { newInstanceId } from '@booner/protocol';

const START_TIMEOUT_MS = 10_000;

/** Actions that the benchmark's runners offer, simulated or not. */
export const BENCH_ACTION: OfferedAction = {
  name: 'bench.true',
  description: 'Does nothing.',
  parameters: [{ name: 'sent_at_us', description: 'when the caller asked', required: true, type: 'integer' }],
  timeoutSeconds: 60,
};

/** One attempt at a task that hubs granted to a simulated runner. */
export type SimulatedAttempt = {
  /** Reports progress; `message` is the text that is shown. */
  progress(message: string): void;
  end(result: JsonObject): void;
};

export type SimulatedRunnerOptions = {
  readonly redisUrl: string;
  readonly host: HostId;
  readonly onGranted: (attempt: SimulatedAttempt) => void;
  /**
   * Called for what makes the figures worthless, such as a lost report: unlike a real runner, this
   * one repeats none.
   */
  readonly onProblem: (problem: string) => void;
};

/**
 * Starts a runner that uses the bus like any other, but has no processes and no journal. Resolves
 * when it serves its host.
 */
export async function startSimulatedRunner(options: SimulatedRunnerOptions): Promise<AsyncDisposable> {
  const { redisUrl, host, onGranted, onProblem } = options;
  const instance = `${newInstanceId()}.${newInstanceId()}`;
  const claimed = new Set<TaskId>();
  const served = Promise.withResolvers<void>();
  let isServing = false;

  const send = async (report: Report) => {
    if ((await bus.report(report)) === 'unsent') onProblem(`a report of ${host} did not reach Redis`);
  };
  const attemptAt = (task: TaskId, attempt: AttemptToken): SimulatedAttempt => {
    const about = { host, instance, task, attempt, logLines: 0 };
    let counter = 0;
    return {
      progress(message) {
        counter++;
        void send({ type: 'progress', ...about, counter, progressPercent: counter % 101, message });
      },
      end(result) {
        void send({ type: 'end', ...about, outcome: { status: 'completed', result, error: null } });
      },
    };
  };
  const bus = await startRedisRunner({
    redis: { url: redisUrl },
    host,
    instance,
    listener: {
      onOffer({ task }) {
        if (claimed.has(task)) return;
        claimed.add(task);
        void send({ type: 'claim', host, instance, task });
      },
      onControl(message) {
        if (message.type === 'grant') onGranted(attemptAt(message.task, message.attempt));
        else if (message.type === 'settled') claimed.delete(message.task);
        else onProblem(`${host} was told to ${message.type} a task`);
      },
      onServing(serving) {
        if (serving) served.resolve();
        else onProblem(`${host} is served by another runner`);
        isServing = serving;
      },
      onConnection(connection) {
        if (connection.state === 'disconnected' && isServing)
          onProblem(`${host} lost Redis: ${connection.reason}`);
      },
    },
  });
  const { publicKey } = generateKeyPairSync('x25519');
  const { x } = publicKey.export({ format: 'jwk' });
  bus.present({
    version: 'bench',
    running: [],
    actions: [BENCH_ACTION],
    publicKey: { kty: 'OKP', crv: 'X25519', x: x ?? randomBytes(32).toString('base64url') },
  });
  const timer = setTimeout(
    () => served.reject(new Error(`${host} does not serve after ${START_TIMEOUT_MS / 1000} s`)),
    START_TIMEOUT_MS,
  );
  await served.promise.finally(() => clearTimeout(timer));
  return bus;
}
