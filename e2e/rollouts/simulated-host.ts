import { generateKeyPairSync } from 'node:crypto';
import { startRedisRunner } from '@booner/bus/redis/runner';
import {
  type HostId,
  newInstanceId,
  type OfferedAction,
  type Outcome,
  type Report,
  type TaskId,
  type TaskOffer,
} from '@booner/protocol';

/** Time after which a report that is not answered is sent again, as runners do. */
const REPEAT_MS = 1000;

export type SimulatedHostOptions = {
  readonly redisUrl: string;
  readonly host: HostId;
  readonly actions: readonly OfferedAction[];
  /** Runs a task. Called once for each task, when it starts. */
  readonly run: (offer: TaskOffer) => Promise<Outcome>;
};

/** A host without processes, whose runner keeps the promises of real ones over restarts of hubs. */
export type SimulatedHost = AsyncDisposable & {
  readonly host: HostId;
  /** Offers other actions from now on. */
  offer(actions: readonly OfferedAction[]): void;
};

/** Starts a host that takes part like any other, but runs functions of the test. */
export async function startSimulatedHost(options: SimulatedHostOptions): Promise<SimulatedHost> {
  const { redisUrl, host, run } = options;
  const instance = `${newInstanceId()}.${newInstanceId()}`;
  const offers = new Map<TaskId, TaskOffer>();
  /** Reports that hubs have not answered. */
  const open = new Map<TaskId, Report>();
  const started = new Set<TaskId>();
  const send = (report: Report & { readonly task: TaskId }) => {
    open.set(report.task, report);
    void bus.report(report);
  };
  const begin = async (task: TaskId, attempt: Extract<Report, { type: 'end' }>['attempt']) => {
    const offer = offers.get(task);
    if (offer === undefined || started.has(task)) return;
    started.add(task);
    open.delete(task);
    const outcome = await run(offer);
    send({ type: 'end', host, instance, task, attempt, logLines: 0, outcome });
  };
  const bus = await startRedisRunner({
    redis: { url: redisUrl },
    host,
    instance,
    listener: {
      onOffer(offer) {
        if (offers.has(offer.task)) return;
        offers.set(offer.task, offer);
        send({ type: 'claim', host, instance, task: offer.task });
      },
      onControl(message) {
        if (message.type === 'grant') void begin(message.task, message.attempt);
        else if (message.type === 'settled' || message.type === 'deny') open.delete(message.task);
      },
      onServing() {},
      onConnection() {},
    },
  });
  const repeating = setInterval(() => {
    for (const report of open.values()) void bus.report(report);
  }, REPEAT_MS);
  const { x } = generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' });
  const offer = (actions: readonly OfferedAction[]) =>
    bus.present({
      ...{ version: '0.2.0', running: [], actions: [...actions] },
      publicKey: { kty: 'OKP', crv: 'X25519', x: x as string },
    });
  offer(options.actions);
  return {
    host,
    offer,
    async [Symbol.asyncDispose]() {
      clearInterval(repeating);
      await bus[Symbol.asyncDispose]();
    },
  };
}
