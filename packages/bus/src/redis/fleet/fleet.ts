import type { HostId, Registration } from '@booner/protocol';
import { parseHostId } from '@booner/protocol/host-id';
import { METRICS_PATTERN, REGISTRATIONS_CHANNEL, REMOVALS_CHANNEL } from '@booner/protocol/redis-names';
import type { FleetBus, FleetListener } from '../../ports.ts';
import { accept, readAnnouncement, readMetricsMessage } from '../../stored-values.ts';
import { openClient, rethrow } from '../connection/client.ts';
import { commandOptions, connectionOptions, type RedisSettings } from '../connection/connection-options.ts';
import { startHeartbeat } from '../connection/heartbeat.ts';
import type { ConnectionScope } from '../connection/keep-connected.ts';
import { startRedisSession } from '../connection/redis-session.ts';
import { createFleetReader, type FleetReader } from './fleet-reader.ts';
import { addRegistration, changeLabels, removeTarget, storeRegistrations } from './registrations.ts';

export type RedisFleetOptions = {
  readonly redis: RedisSettings;
  readonly listener: FleetListener;
  readonly random?: () => number;
};

/**
 * Ping interval of the connection that samples arrive on, so that a hub notices if they cannot
 * arrive.
 */
const ECHO_EVERY_MS = 500;
const PING_AFTER_MS = 3000;

/**
 * Starts a hub's side of the bus over two connections that end together: one that samples arrive
 * on, and one for commands. Returns before they are made. The bus is connected once the
 * subscription is acknowledged and the last values have been read. Samples that arrive in between
 * are delivered at once.
 * @throws BusError `bad_url` or `bad_certificate`
 */
export async function startRedisFleet(
  { redis: settings, listener, random }: RedisFleetOptions,
  { signal }: { signal?: AbortSignal } = {},
): Promise<FleetBus> {
  // Without a deadline for commands: an answer may be queued behind many samples.
  const subscriberOptions = { ...connectionOptions(settings), connectionName: 'booner-hub-samples' };
  const options = commandOptions(settings, 'booner-hub');
  let echoAtMs: number | null = null;
  /** Announced during each reading of registrations under way; `null`: removed. */
  const readings = new Set<Map<HostId, Registration | null>>();

  const deliver = (_pattern: string, channel: Buffer, payload: Buffer) => {
    echoAtMs = performance.now();
    const reading = readMetricsMessage(channel.toString(), payload);
    if (!reading.ok) return listener.onRejected(reading.rejection);
    const { host, message, json } = reading.value;
    if (message.type === 'sample') listener.onSample(message, json);
    else listener.onBye(host, message);
  };

  const announce = (host: HostId, registration: Registration | null) => {
    for (const announced of readings) announced.set(host, registration);
    if (registration === null) listener.onRemoved(host);
    else listener.onRegistration(host, registration);
  };
  const notified = (channel: Buffer, payload: Buffer) => {
    if (channel.toString() === REMOVALS_CHANNEL) {
      const host = parseHostId(payload.toString());
      if (host !== null) announce(host, null);
      return;
    }
    const announcement = accept(readAnnouncement(payload), listener.onRejected);
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
      return registrations;
    } finally {
      readings.delete(announced);
    }
  };

  const open = async (scope: ConnectionScope) => {
    const [subscriber, commands] = await Promise.all([
      openClient(subscriberOptions, scope),
      openClient(options, scope),
    ]);
    const onEcho = () => {
      if (!scope.signal.aborted) echoAtMs = performance.now();
    };
    scope.signal.addEventListener('abort', () => {
      subscriber.off('pmessageBuffer', deliver);
      subscriber.off('messageBuffer', notified);
      echoAtMs = null;
    });
    startHeartbeat(subscriber, scope, { everyMs: ECHO_EVERY_MS, onEcho });
    startHeartbeat(commands, scope, { everyMs: PING_AFTER_MS });
    subscriber.on('pmessageBuffer', deliver);
    subscriber.on('messageBuffer', notified);
    await Promise.all([
      subscriber.psubscribe(METRICS_PATTERN),
      subscriber.subscribe(REMOVALS_CHANNEL, REGISTRATIONS_CHANNEL),
    ]).catch(rethrow);
    onEcho();
    const reader = createFleetReader(commands, listener.onRejected, scope.signal);
    const targets = await reader.readTargets();
    const registrations = await readRegistrations(reader);
    return {
      session: { commands, reader },
      onceReported: () => listener.onCatchUp(targets, registrations),
    };
  };
  const { side, use } = startRedisSession({ open, onConnection: listener.onConnection, random, signal });
  return {
    ...side,
    lastEchoAgeMs: () => (echoAtMs === null ? null : performance.now() - echoAtMs),
    readInventories: use(({ reader }, hosts) => reader.readInventories(hosts)),
    readRegistrations: use(({ reader }) => readRegistrations(reader)),
    register: use(({ commands }, registrations) => storeRegistrations(commands, registrations)),
    add: use(({ commands }, host, label) => addRegistration(commands, host, label)),
    changeLabels: use(({ commands }, host, changes, unstored) =>
      changeLabels(commands, host, changes, unstored),
    ),
    remove: use(({ commands }, host) => removeTarget(commands, host)),
  };
}
