import {
  type HostId,
  hostIdSchema,
  type OfferedAction,
  type Outcome,
  type Rollout,
  registrationSchema,
  rolloutSchema,
  type TaskOffer,
} from '@booner/protocol';
import { TARGETS_KEY } from '@booner/protocol/redis-names';
import { eventually, type HubProcess, type StartHubOptions, startHub, startRedis } from '@booner/testkit';
import { ask } from '../access/asking.ts';
import { connectOperator } from '../fleet/operator.ts';
import { send } from '../tasks/task-bed.ts';
import { type SimulatedHost, startSimulatedHost } from './simulated-host.ts';

export const DEPLOY: OfferedAction = {
  name: 'web.deploy',
  description: 'Deploys the web application.',
  parameters: [
    {
      name: 'version',
      description: '',
      required: true,
      type: 'string',
      maxLength: 64,
      secret: false,
      allowLeadingDash: false,
    },
  ],
  timeoutSeconds: 60,
};

export const COMPLETED: Outcome = { status: 'completed', result: null, error: null };
export const failed = (error: string): Outcome => ({ status: 'failed', result: null, error });

/** A task that a host has started. */
export type StartedTask = { readonly host: HostId; readonly offer: TaskOffer };

export type RolloutBedOptions = {
  readonly hosts: number;
  readonly hubs?: number;
  /** Options of the first hub. */
  readonly hubOptions?: Omit<StartHubOptions, 'redisUrl'>;
  /** Outcome of a task; default: completed at once. */
  readonly run?: (task: StartedTask) => Promise<Outcome> | Outcome;
};

/** Starts a Redis, hubs, and hosts with the label `role=web` whose tasks the test runs. */
export async function startRolloutBed({ hosts: count, hubs = 1, hubOptions = {}, run }: RolloutBedOptions) {
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await startRedis());
  const operator = stack.use(connectOperator(redis.url)).redis;
  const names = Array.from({ length: count }, (_, index) =>
    hostIdSchema.parse(`10.5.${index >> 8}.${(index & 255) + 1}`),
  );
  const registration = JSON.stringify({ ...registrationSchema.parse({}), labels: { role: 'web' } });
  await operator.hset(TARGETS_KEY, ...names.flatMap((host) => [host, registration]));
  /** Every task that was started, in order. */
  const started: StartedTask[] = [];
  const hosts = new Map<HostId, SimulatedHost>();
  const startHost = async (host: HostId, actions: readonly OfferedAction[] = [DEPLOY]) => {
    const simulated = await startSimulatedHost({
      ...{ redisUrl: redis.url, host, actions },
      run: async (offer) => {
        started.push({ host, offer });
        return (await run?.({ host, offer })) ?? COMPLETED;
      },
    });
    hosts.set(host, owned.use(simulated));
  };
  const running = await Promise.all(
    Array.from({ length: hubs }, async () =>
      stack.use(await startHub({ redisUrl: redis.url, ...hubOptions })),
    ),
  );
  const owned = stack.move();
  await Promise.all(names.map((host) => startHost(host)));
  const [hub] = running as [HubProcess, ...HubProcess[]];
  await eventually(
    async () => (await Promise.all(running.map((each) => each.get('/readyz')))).every(({ ok }) => ok),
    { what: 'hubs that have caught up' },
  );
  const offered = async () =>
    (await operator.keys('booner:runner:*')).length >= hosts.size &&
    ((await ask(hub, 'GET', '/targets', { token: hub.adminToken })).json.targets as unknown[]).length >=
      count;
  await eventually(offered, { what: 'every host to be there' });

  const read = async (id: string, by: HubProcess = hub): Promise<Rollout> =>
    rolloutSchema.parse((await send(by, 'GET', `/rollouts/${id}`)).body);
  return {
    redis,
    operator,
    hub,
    hubs: running,
    names,
    hosts,
    started,
    startHost,
    read,
    /** Starts a rollout, which must be accepted. @returns its id */
    create: async (body: object = {}, by: HubProcess = hub): Promise<string> => {
      const request = {
        action: 'web.deploy',
        params: { version: 'v2' },
        selector: 'role=web',
        order: 'host',
      };
      const answer = await send(by, 'POST', '/rollouts', { body: { ...request, ...body } });
      if (answer.status !== 202) throw new Error(`answered ${answer.status}: ${JSON.stringify(answer.body)}`);
      return String(answer.body.rollout_id);
    },
    direct: (id: string, what: string, body?: object, by: HubProcess = hub) =>
      send(by, 'POST', `/rollouts/${id}/${what}`, body === undefined ? {} : { body }),
    until: async (
      id: string,
      what: string,
      condition: (rollout: Rollout) => boolean,
      by: HubProcess = hub,
    ) => {
      let last: Rollout | null = null;
      const seen = async () => {
        last = await read(id, by);
        return condition(last) ? last : null;
      };
      return eventually(seen, { what: `${what} of rollout ${id}`, deadlineMs: 120_000 }).catch((error) => {
        throw new Error(`${what}: it is ${JSON.stringify(last)?.slice(0, 3000)}`, { cause: error });
      });
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

export type RolloutBed = Awaited<ReturnType<typeof startRolloutBed>>;

/** Returns how often each host has started a task. */
export function startsByHost(started: readonly StartedTask[]): ReadonlyMap<HostId, number> {
  const counts = new Map<HostId, number>();
  for (const { host } of started) counts.set(host, (counts.get(host) ?? 0) + 1);
  return counts;
}
