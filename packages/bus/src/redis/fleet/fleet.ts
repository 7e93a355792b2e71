import { DEFAULT_INTERVAL_MS, type HostId, type Registration } from '@booner/protocol';
import { parseHostId } from '@booner/protocol/host-id';
import { metricsChannel, REMOVALS_CHANNEL, targetKey } from '@booner/protocol/redis-names';
import type { FleetBus, FleetListener } from '../../ports.ts';
import {
  accept,
  readAnnouncement,
  readMetricsChannel,
  readMetricsMessage,
  reject,
} from '../../stored-values.ts';
import { openClient } from '../connection/client.ts';
import { commandOptions, connectionOptions, type RedisSettings } from '../connection/connection-options.ts';
import { startHeartbeat } from '../connection/heartbeat.ts';
import type { ConnectionScope } from '../connection/keep-connected.ts';
import { startRedisSession } from '../connection/redis-session.ts';
import { createChannelMeter, FLOOD_TEXT } from './channel-meter.ts';
import { createFleetReader, type FleetReader } from './fleet-reader.ts';
import { createNewestSamples } from './newest-samples.ts';
import {
  addRegistration,
  changeLabels,
  quarantineTarget,
  releaseTarget,
  removeTarget,
  storeRegistrations,
} from './registrations.ts';
import { requestBackfill } from './request-backfill.ts';
import { createStoredWatch, type StoredWatch } from './stored-watch.ts';
import { startSubscription } from './subscription.ts';

export type RedisFleetOptions = {
  readonly redis: RedisSettings;
  readonly listener: FleetListener;
  /** Interval in which hubs show samples. Stored ones are read as often, but at least every 3 s. */
  readonly intervalMs?: number;
  readonly random?: () => number;
};

/**
 * Ping interval of both connections, so that a hub notices if Redis is unreachable or samples
 * cannot arrive. Whoever has to know at once asks for an echo.
 */
const PING_EVERY_MS = 3000;

/**
 * Starts a hub's side of the bus over two connections: one for commands, and one that samples
 * arrive on. Returns before they are made. The bus is connected once the subscription is
 * acknowledged and the last values have been read. Samples that arrive in between are delivered at
 * once. When only the connection for samples is lost, the bus stays connected and reads stored
 * samples until there is another.
 * @throws BusError `bad_url` or `bad_certificate`
 */
export async function startRedisFleet(
  { redis: settings, listener, intervalMs = DEFAULT_INTERVAL_MS, random }: RedisFleetOptions,
  { signal }: { signal?: AbortSignal } = {},
): Promise<FleetBus> {
  const { onRejected } = listener;
  // Without a deadline for commands: an answer may be queued behind many samples.
  const subscriberOptions = { ...connectionOptions(settings), connectionName: 'booner-hub-samples' };
  const options = commandOptions(settings, 'booner-hub');
  const meter = createChannelMeter();
  const newest = createNewestSamples();
  const hosts = new Set<HostId>();
  let watch: StoredWatch | null = null;
  let requestEcho = () => {};
  /** Announced during each reading of registrations under way; `null`: removed. */
  const readings = new Set<Map<HostId, Registration | null>>();

  const onMetrics = (channel: string, payload: Buffer) => {
    const host = accept(readMetricsChannel(channel), onRejected);
    if (host === null) return;
    hosts.add(host);
    if (!listener.accepts(host)) {
      return onRejected(reject('quarantined', host, 'the host is quarantined').rejection);
    }
    const verdict = meter.count(host, payload.length, performance.now());
    if (verdict === 'flood') listener.onFlood(host, `it floods ${metricsChannel(host)}: ${FLOOD_TEXT}`);
    if (verdict !== 'parse') {
      return onRejected(reject('excess', host, 'the channel carries more than an agent sends').rejection);
    }
    const received = accept(readMetricsMessage(host, payload), onRejected);
    if (received === null) return;
    const { message, json } = received;
    if (message.type === 'bye') return listener.onBye(host, message);
    // A stored sample that was read meanwhile may be newer than this one, which waited.
    if (watch?.issue() != null && !newest.isNewer(message)) return;
    newest.set(message);
    listener.onSample(message, json);
  };
  const announce = (host: HostId, registration: Registration | null) => {
    for (const announced of readings) announced.set(host, registration);
    if (registration?.quarantine === undefined) meter.forget(host);
    if (registration !== null) return listener.onRegistration(host, registration);
    hosts.delete(host);
    newest.forget(host);
    listener.onRemoved(host);
  };
  const onMessage = (channel: string, payload: Buffer) => {
    if (channel === REMOVALS_CHANNEL) {
      const host = parseHostId(payload.toString());
      if (host !== null) announce(host, null);
      return;
    }
    const announcement = accept(readAnnouncement(payload), onRejected);
    if (announcement !== null) announce(announcement.host, announcement.registration);
  };
  /** Reads registrations. What was announced meanwhile is newer than what was read. */
  const readRegistrations = async (reader: FleetReader): Promise<ReadonlyMap<HostId, Registration>> => {
    const announced = new Map<HostId, Registration | null>();
    readings.add(announced);
    try {
      const registrations = new Map(await reader.readRegistrations());
      for (const [host, registration] of announced) {
        if (registration === null) registrations.delete(host);
        else registrations.set(host, registration);
      }
      for (const host of registrations.keys()) hosts.add(host);
      return registrations;
    } finally {
      readings.delete(announced);
    }
  };

  const open = async (scope: ConnectionScope) => {
    const [commands, subscription] = await Promise.all([
      openClient(options, scope),
      startSubscription({
        options: subscriberOptions,
        scope,
        pingEveryMs: PING_EVERY_MS,
        onMetrics,
        onMessage,
        random,
      }),
    ]);
    let answeredAtMs = performance.now();
    const onEcho = (sentAtMs: number) => {
      answeredAtMs = sentAtMs;
    };
    const heartbeat = startHeartbeat(commands, scope, { everyMs: PING_EVERY_MS, onEcho });
    const onOversized = (host: HostId, detail: string) => {
      onRejected(reject('oversized', host, `its hash was removed: ${detail}`).rejection);
      if (listener.accepts(host)) listener.onFlood(host, `${detail} in ${targetKey(host)}`);
      commands.unlink(targetKey(host)).catch(() => {}); // the next look repeats it
    };
    const reader = createFleetReader(commands, { onRejected, onOversized, signal: scope.signal });
    const opened = createStoredWatch({
      reader,
      readRegistrations: () => readRegistrations(reader),
      subscription,
      newest,
      hosts,
      listener,
      answeredAtMs: () => answeredAtMs,
      intervalMs: Math.min(intervalMs, DEFAULT_INTERVAL_MS),
      signal: scope.signal,
    });
    const caughtUp = await opened.catchUp();
    scope.signal.addEventListener('abort', () => {
      watch = null;
      requestEcho = () => {};
    });
    watch = opened;
    requestEcho = () => {
      subscription.ping();
      heartbeat.ping(); // later, so its answer says whether the other one is behind
    };
    return {
      session: { commands, reader },
      onceReported: () => {
        listener.onCatchUp(...caughtUp);
        void opened.run();
      },
    };
  };
  const { side, use } = startRedisSession({ open, onConnection: listener.onConnection, random, signal });
  return {
    ...side,
    lastEchoAgeMs: () => (watch === null ? null : performance.now() - watch.knownUntilMs()),
    requestEcho: () => requestEcho(),
    subscriptionIssue: () => watch?.issue() ?? null,
    requestBackfill: use(({ commands }, host, request) => requestBackfill(commands, host, request)),
    readBackfill: use(async ({ reader }, host, id) => {
      const answer = await reader.readBackfill(host);
      return answer?.id === id ? answer : null;
    }),
    readInventories: use(({ reader }, hosts) => reader.readInventories(hosts)),
    readPasswordOffer: use(({ reader }, host) => reader.readPasswordOffer(host)),
    readRegistrations: use(({ reader }) => readRegistrations(reader)),
    register: use(({ commands }, registrations) => storeRegistrations(commands, registrations)),
    add: use(({ commands }, host, label) => addRegistration(commands, host, label)),
    changeLabels: use(({ commands }, host, changes, unstored) =>
      changeLabels(commands, host, changes, unstored),
    ),
    remove: use(({ commands }, host) => removeTarget(commands, host)),
    quarantine: use(async ({ commands }, host, quarantine) => {
      const { isNew, registration } = await quarantineTarget(commands, host, quarantine);
      announce(host, registration); // the subscription may be lost
      return { isNew, quarantine: registration.quarantine ?? quarantine };
    }),
    release: use(async ({ commands }, host) => {
      const registration = await releaseTarget(commands, host);
      if (registration !== null) announce(host, registration);
      return registration !== null;
    }),
  };
}
