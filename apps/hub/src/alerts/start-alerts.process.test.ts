import { createMemoryBus } from '@booner/bus/memory';
import { DEFAULT_RETENTION } from '@booner/history';
import {
  type AlertRuleInput,
  alertRuleSchema,
  type HostId,
  type Measurements,
  NOTHING_MEASURED,
  newInstanceId,
  parseHostId,
  type Sample,
} from '@booner/protocol';
import { Secret } from '@booner/service';
import { eventually, type Receiver, startReceiver } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { Fleet } from '../fleet/fleet.ts';
import type { FleetObserver } from '../fleet/measured.ts';
import { sealingKeyOf } from '../sealing/seal.ts';
import { recordingLog } from '../testing/recording-log.ts';
import { SocketSupervisor } from '../ws/socket-supervisor.ts';
import { startAlerts } from './start-alerts.ts';

const HOST = parseHostId('10.0.0.2')!;
const OTHER = parseHostId('10.0.0.3')!;
const CPU: AlertRuleInput = {
  name: 'cpu',
  selector: '*',
  when: { metric: 'cpuUsageRatio', function: 'last' },
  warn: { on: 0.8, off: 0.7 },
};
const cpu = (usageRatio: number): Partial<Measurements> => ({
  cpu: { usageRatio, userRatio: 0, systemRatio: 0, iowaitRatio: 0, stealRatio: 0, cores: [] },
});

/** Alerts of one hub on a bus in memory, from samples to the outbox. */
async function startScene() {
  await using starting = new AsyncDisposableStack();
  const bus = createMemoryBus();
  const alerts = starting.use(bus.startAlerts());
  const outbox = starting.use(bus.startOutbox({ hub: 'a' }));
  const leases = starting.use(bus.startLeases({ hub: 'a' }));
  const tasks = starting.use(bus.startTasks());
  const rollouts = starting.use(bus.startRollouts());
  const schedules = starting.use(bus.startSchedules());
  const observers: Partial<FleetObserver>[] = [];
  const fleet = new Fleet({
    intervalMs: 3000,
    now: () => ({ monotonicMs: performance.now(), wallMs: Date.now() }),
  });
  fleet.onCatchUp([], new Map());
  const feature = startAlerts({
    buses: { alerts, outbox, leases, tasks, rollouts, schedules },
    sealingKey: { ok: true, key: sealingKeyOf('a secret of this test') },
    config: {
      ...{ publicUrl: new URL('https://hub.example.org/'), host: '127.0.0.1', port: 1, tls: null },
      alerts: {
        sealing: { secret: new Secret('a secret of this test'), file: '' },
        rulesDirectory: null,
        watchdogUrl: null,
      },
      history: { retention: DEFAULT_RETENTION } as never,
    },
    fleet: {
      fleet,
      bus: { connection: () => ({ state: 'connected', sinceMs: 0 }) },
      onMeasured: (listener: FleetObserver['onMeasured']) => observers.push({ onMeasured: listener }),
      onTransitions: (listener: FleetObserver['onTransitions']) =>
        observers.push({ onTransitions: listener }),
    } as never,
    tasks: { board: { isLoaded: true, tasks: () => [] }, onEnded: () => {} } as never,
    history: { reader: null },
    recorder: { store: null },
    version: '0.3.0',
    supervisor: new SocketSupervisor(recordingLog().log),
    ownerOf: () => ({ credentialId: null, account: '' }) as never,
    waitingFor: () => '',
    onRotation: () => {},
    log: recordingLog().log,
  });
  const stop = new AbortController();
  const running = feature.run?.(stop);
  starting.defer(async () => {
    stop.abort();
    await running;
  });
  const instance = newInstanceId();
  let sequence = 0;
  const stack = starting.move();
  return {
    ...{ alerts, fleet },
    /** True once its metrics count the rule that was put. */
    knowsRule: () =>
      feature.metrics?.some(
        (metric) =>
          metric.type === 'gauge' &&
          metric.name === 'booner_hub_alert_rules' &&
          JSON.stringify([...(metric.read() as Iterable<unknown>)]).includes('["stored",1]'),
      ) === true,
    put: (rule: AlertRuleInput) =>
      alerts.putSetting('rules', rule.name, alertRuleSchema.parse(rule) as never, 100),
    sample(measured: Partial<Measurements>, host: HostId = HOST) {
      const sample = {
        ...{
          type: 'sample',
          host,
          instance,
          sequence: ++sequence,
          sampledAtMs: Date.now(),
          intervalMs: 3000,
        },
        ...{ inventoryTakenAtMs: null, ...NOTHING_MEASURED, ...measured },
      } as Sample;
      const json = JSON.stringify(sample);
      fleet.onSample(sample, json);
      for (const { onMeasured } of observers) {
        onMeasured?.({
          subject: host,
          measurements: sample,
          intervalMs: 3000,
          json,
          instance,
          version: null,
        });
      }
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

type Received = {
  readonly kind: string;
  readonly rule: string;
  readonly title: string;
  readonly targets: readonly object[];
};
/** Long enough for a second message to arrive that must not. */
const QUIET_MS = 1500;

/** A webhook for all rules, and one that no rule names. */
async function addWebhooks(scene: Awaited<ReturnType<typeof startScene>>, receiver: Receiver) {
  const settings = { type: 'webhook', url: receiver.url, allowPrivate: true };
  await scene.alerts.putSetting('channels', 'ops', { settings, sealed: '' }, 10);
  const rare = { ...settings, url: `${receiver.url}/rare` };
  await scene.alerts.putSetting('channels', 'rare', { settings: rare, sealed: '', isDefault: false }, 10);
}

const received = ({ requests }: Receiver) =>
  requests.map(({ body }) => JSON.parse(body.toString()) as Received);

describe('alerts of a hub', () => {
  it('are messages to the default channels, grouped, and resolve', async () => {
    await using receiver = await startReceiver();
    await using scene = await startScene();
    await addWebhooks(scene, receiver);
    await scene.put(CPU);
    await eventually(
      () => {
        for (const host of [HOST, OTHER]) scene.sample(cpu(0.9), host);
        return receiver.requests.length > 0;
      },
      { what: 'the message' },
    );
    for (const host of [HOST, OTHER]) scene.sample(cpu(0.1), host);
    await eventually(() => receiver.requests.length > 1, { what: 'the message of the end' });
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    expect(receiver.requests.map(({ path }) => path)).toEqual(['/', '/']);
    expect(received(receiver)).toMatchObject([
      { kind: 'firing', rule: 'cpu', title: 'CPU usage on 2 targets', targets: [{}, {}] },
      { kind: 'resolved', rule: 'cpu', targets: [{}, {}] },
    ]);
    expect((await scene.alerts.readEpisodes({ limit: 10 })).episodes).toHaveLength(2);
  });

  it('of 1,000 hosts at once are one message', async () => {
    await using receiver = await startReceiver();
    await using scene = await startScene();
    await addWebhooks(scene, receiver);
    await scene.put(CPU);
    const hosts = Array.from(
      { length: 1000 },
      (_, index) => parseHostId(`10.1.${index >> 8}.${index & 255}`)!,
    );
    for (const host of hosts) scene.sample(cpu(0.1), host);
    await eventually(() => scene.knowsRule(), { what: 'the hub to know the rule' });
    for (const host of hosts) scene.sample(cpu(0.9), host);
    await eventually(() => receiver.requests.length > 0, { what: 'the message' });
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    const [message, ...more] = received(receiver);
    expect(message?.title).toBe('CPU usage on 1000 targets');
    expect(message?.targets).toHaveLength(200);
    expect(more).toEqual([]);
  });
});
