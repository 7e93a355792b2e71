import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AlertPage, HostId } from '@booner/protocol';
import {
  eventually,
  type HubProcess,
  type MailServer,
  type Receiver,
  type RedisServer,
  startHub,
  startMailServer,
  startReceiver,
  startRedis,
} from '@booner/testkit';
import { type SimulatedAgent, startSimulatedAgent } from './simulated-agent.ts';

/** Hosts are offline after three intervals of silence; a busy machine may stand still for half. */
const INTERVAL_MS = 2000;

/** What the webhook of a bed received, as it is documented. */
type ReceivedEvent = {
  readonly id: string;
  readonly episode: string;
  readonly kind: string;
  readonly rule: string;
  readonly status: string;
  readonly title: string;
  readonly targets: readonly { readonly host: string }[];
};

export type AlertBed = AsyncDisposable & {
  readonly redis: RedisServer;
  readonly hubs: readonly HubProcess[];
  readonly webhook: Receiver;
  readonly mail: MailServer;
  /** Everything that the webhook received, in order. */
  events(): readonly ReceivedEvent[];
  /** The notifications in short: `firing down`. */
  kinds(): readonly string[];
  startAgents(hosts: readonly HostId[]): Promise<readonly SimulatedAgent[]>;
  /** Starts another hub, such as one with another clock. */
  startHub(env: Readonly<Record<string, string>>): Promise<HubProcess>;
  /** Waits until all hubs have seen these hosts report. */
  untilActive(hosts: readonly HostId[]): Promise<void>;
};

export type AlertBedOptions = {
  readonly hubs: number;
  /** Rules beside those of Booner that are disabled here, by name. */
  readonly rules: Readonly<Record<string, object>>;
  /** How the webhook answers. Default: at once. */
  readonly answer?: Parameters<typeof startReceiver>[0];
  /** Of each hub, beside what the bed needs. */
  readonly env?: Readonly<Record<string, string>>;
};

/** Sends a request with a JSON body. @throws Error with the answer unless it succeeds */
export async function request(
  hub: HubProcess,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const response = await hub.get(path, {
    method,
    ...(body !== undefined && {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text === '' ? null : JSON.parse(text);
}

/** Alerts that fire, as a hub shows them. */
export const firing = async (hub: HubProcess): Promise<AlertPage['alerts']> =>
  ((await request(hub, 'GET', '/alerts?status=firing')) as AlertPage).alerts;

/** Starts hubs on one Redis whose alerts go to a webhook and by mail. Stock rules are off. */
export async function startAlertBed({
  hubs: count,
  rules,
  answer,
  env: more = {},
}: AlertBedOptions): Promise<AlertBed> {
  await using starting = new AsyncDisposableStack();
  const redis = starting.use(await startRedis());
  const webhook = starting.use(await startReceiver(answer));
  const mail = starting.use(await startMailServer());
  const directory = await mkdtemp(join(tmpdir(), 'booner-alerts-'));
  starting.defer(() => rm(directory, { recursive: true }));
  const secretFile = join(directory, 'secret');
  await writeFile(secretFile, 'the secret that both hubs have');
  const env = {
    BOONER_INTERVAL_MS: String(INTERVAL_MS),
    BOONER_ALERT_SECRET_FILE: secretFile,
    NODE_EXTRA_CA_CERTS: mail.caFile,
    ...more,
  };
  const hubs = await Promise.all(
    Array.from({ length: count }, async () => starting.use(await startHub({ redisUrl: redis.url, env }))),
  );
  const [first] = hubs as [HubProcess];
  await eventually(async () => (await first.get('/alert-rules')).ok, { what: 'the rules to be read' });
  const { rules: listed } = (await request(first, 'GET', '/alert-rules')) as {
    rules: { rule: { name: string } }[];
  };
  for (const { rule } of listed)
    await request(first, 'PUT', `/alert-rules/${rule.name}`, { ...rule, enabled: false });
  await request(first, 'PUT', '/alert-channels/hook', {
    type: 'webhook',
    url: `${webhook.url}/hook`,
    allowPrivate: true,
  });
  await request(first, 'PUT', '/alert-channels/mail', {
    ...{ type: 'email', host: 'localhost', port: mail.port, user: mail.user, password: mail.password },
    ...{ from: 'booner@example.org', to: ['ops@example.org'], allowPrivate: true },
  });
  for (const [name, rule] of Object.entries(rules)) await request(first, 'PUT', `/alert-rules/${name}`, rule);
  const events = () => webhook.requests.map(({ body }) => JSON.parse(body.toString()) as ReceivedEvent);
  const stack = starting.move();
  return {
    redis,
    hubs,
    webhook,
    mail,
    events,
    kinds: () => events().map(({ kind, rule }) => `${kind} ${rule}`),
    startAgents: (hosts) =>
      Promise.all(
        hosts.map(async (host) =>
          stack.use(await startSimulatedAgent({ redisUrl: redis.url, host, intervalMs: INTERVAL_MS })),
        ),
      ),
    startHub: async (other) => stack.use(await startHub({ redisUrl: redis.url, env: { ...env, ...other } })),
    untilActive: async (hosts) => {
      for (const hub of hubs) {
        await eventually(
          async () => {
            const { targets } = (await request(hub, 'GET', '/targets')) as {
              targets: { host: string; status: string }[];
            };
            return hosts.every((host) =>
              targets.some((target) => target.host === host && target.status === 'active'),
            );
          },
          { what: 'the agents to be active' },
        );
      }
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
