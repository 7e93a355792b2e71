import type { AlertBus } from '@booner/bus';
import {
  ALL_SCOPES,
  type AlertRuleInput,
  alertRuleSchema,
  type HostId,
  parseHostId,
  registrationSchema,
  type Scopes,
  type StoredAlert,
} from '@booner/protocol';
import { shardOf } from '@booner/protocol/shard';
import { createFailureLimit } from '../access/failure-limit.ts';
import { ANYBODY, principalOf } from '../access/principal.ts';
import type { AuditNote } from '../access/require-credential.ts';
import { createAlertJson } from '../alerts/alert-json.ts';
import { alertLinkRoutes } from '../alerts/alert-link-routes.ts';
import { alertRoutes } from '../alerts/alert-routes.ts';
import { AlertStream } from '../alerts/alert-stream.ts';
import { AlertBoard } from '../alerts/board/alert-board.ts';
import { type AlertFollower, followAlerts } from '../alerts/board/follow-alerts.ts';
import { heartbeatRoutes } from '../alerts/heartbeat-routes.ts';
import { advance, WELL } from '../alerts/machine/alert-machine.ts';
import { quietHoursRoutes } from '../alerts/quiet-hours-routes.ts';
import { ruleRoutes } from '../alerts/rule-routes.ts';
import { compileRule } from '../alerts/rules/compile-rule.ts';
import { AlertSettings } from '../alerts/settings/alert-settings.ts';
import { silenceRoutes } from '../alerts/silence-routes.ts';
import { AlertView } from '../alerts/view/alert-view.ts';
import { Fleet } from '../fleet/fleet.ts';
import { createReadableBy, type ReadableOf } from '../fleet/read-scopes.ts';
import { startHttpServer } from '../http/server.ts';
import { SocketSupervisor } from '../ws/socket-supervisor.ts';
import { streamEndpoint } from '../ws/stream-endpoint.ts';
import { createWebSocketServer } from '../ws/web-socket-server.ts';
import { recordingLog } from './recording-log.ts';
import { createTestApp } from './test-app.ts';

export const [DB, WEB] = [parseHostId('10.0.0.2')!, parseHostId('10.0.0.3')!];
/** A rule of Booner, whose alerts the tests open. */
export const RULE = 'host-offline';

export type TestAlertHubOptions = {
  readonly scopes?: Scopes;
  /** Wraps the bus, to make it fail. */
  readonly wrap?: (bus: AlertBus) => AlertBus;
};

/** Starts only a hub's alerts, their routes and their stream, on a real socket. */
export async function startTestAlertHub(
  shared: { startAlerts(options?: { waitMs: number }): AlertBus | Promise<AlertBus> },
  { scopes = ALL_SCOPES, wrap = (bus) => bus }: TestAlertHubOptions = {},
) {
  const stop = new AbortController();
  const { signal } = stop;
  const { log, lines } = recordingLog();
  const bus = wrap(await shared.startAlerts({ waitMs: 20 }));
  const fleet = new Fleet({ intervalMs: 3000, now: () => ({ monotonicMs: 0, wallMs: Date.now() }) });
  fleet.onCatchUp([], new Map());
  for (const host of [DB, WEB])
    fleet.onRegistration(host, registrationSchema.parse({ labels: { role: host === DB ? 'db' : 'web' } }));
  const clock = { nowMs: Date.now() };
  const nowMs = () => clock.nowMs;
  const board = new AlertBoard();
  const settings = new AlertSettings({ bus, log });
  const view = new AlertView((name) => settings.rule(name));
  const alertJson = createAlertJson({ view, settings });
  const stream = new AlertStream({ bus, board, json: alertJson, waitingFor: () => 'the test says so', log });
  fleet.onRosterChange(() => stream.applyReadScopes());
  const follower: AlertFollower = {
    onEvents: (events) => {
      const kinds = events.flatMap((event) => (event.type === 'settings' ? [event.kind] : []));
      if (kinds.length > 0) void settings.read([...new Set(kinds)]);
    },
    onReset() {},
    onBus() {},
  };
  const notes: AuditNote[] = [];
  const readableBy = createReadableBy(fleet);
  const readableOf: ReadableOf = (c) => readableBy(principalOf(c).scopes);
  const limit = createFailureLimit();
  const setting = { bus, settings, readableOf, nowMs };
  const identity = { ...ANYBODY, subject: 'id tester', scopes };
  const app = createTestApp({
    log,
    authorize: async (c, next) => {
      if (c.get('accessRule').role !== null) c.set('principal', identity);
      await next();
      const note = c.get('auditNote');
      if (note !== undefined) notes.push(note);
    },
    routes: [
      ...alertRoutes({ bus, board, view, fleet, readableOf, nowMs }),
      ...alertLinkRoutes({ bus, board, view, limit, nowMs }),
      ...ruleRoutes(setting),
      ...silenceRoutes(setting),
      ...quietHoursRoutes(setting),
      ...heartbeatRoutes({ ...setting, bus, fleet, limit, publicUrl: new URL('https://hub.example.org') }),
      streamEndpoint({
        path: '/ws/alerts',
        mirror: '/alerts',
        stream,
        supervisor: new SocketSupervisor(log),
        ownerOf: (c) => ({ credentialId: null, account: '', readable: readableOf(c) }),
      }),
    ],
  });
  const server = await startHttpServer({
    fetch: app.fetch,
    webSockets: createWebSocketServer(),
    log,
    host: '127.0.0.1',
    port: 0,
    maxConnections: 1000,
    maxConnectionsPerAddress: 1000,
  });
  const running = followAlerts({ bus, board, followers: [stream, follower], log }, { signal });
  const ask = async (method: string, path: string, body?: unknown) => {
    const response = await app.request(path, {
      method,
      headers: { host: 'localhost', 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
    const json: any = text === '' ? null : JSON.parse(text);
    return { status: response.status, headers: response.headers, json };
  };
  return {
    url: server.url,
    ...{ ask, bus, board, settings, stream, fleet, clock, notes, lines },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
      await server[Symbol.asyncDispose]();
      await bus[Symbol.asyncDispose]();
    },
  };
}

export type TestAlertHub = Awaited<ReturnType<typeof startTestAlertHub>>;

const compiled = (rule: string) =>
  compileRule(
    alertRuleSchema.parse({ name: rule, selector: '*', when: { state: 'offline' } } satisfies AlertRuleInput),
  );

/** Stores an alert of a host that fires, as an evaluation would. @returns the id of its episode */
export async function openAlert(
  bus: AlertBus,
  host: HostId,
  rule = RULE,
  atMs = Date.now(),
): Promise<string> {
  const subject = { host, device: null };
  const input = { type: 'observe', atMs, reading: 1, mutes: [] } as const;
  const { memory } = advance(WELL, input, { rule: compiled(rule), subject });
  await change(bus, null, { rule, ...subject, memory, reading: 1, changedAtMs: atMs });
  return memory.episode!.id;
}

/** Stores that an alert has ended. */
export async function endAlert(bus: AlertBus, host: HostId, rule = RULE): Promise<void> {
  const { alerts } = await bus.readAlerts();
  const read = alerts.find(({ alert }) => alert.host === host && alert.rule === rule)!;
  const { id, severity, startedAtMs, acknowledged } = read.alert.memory.episode!;
  const times = { startedAtMs, endedAtMs: startedAtMs + 1000, notifiedAtMs: null };
  const ended = { id, rule, host, device: null, severity, acknowledged, ...times };
  await bus.change(shardOf(host), null, [
    { key: { rule, host, device: null }, before: read.text, after: null, inputs: [], ended },
  ]);
}

async function change(bus: AlertBus, before: string | null, after: StoredAlert): Promise<void> {
  const { rule, host, device } = after;
  const key = { rule, host, device };
  const outcomes = await bus.change(shardOf(host), null, [{ key, before, after, inputs: [], ended: null }]);
  if (outcomes === 'not_held' || outcomes[0]?.type !== 'changed') throw new Error('the alert was not stored');
}
