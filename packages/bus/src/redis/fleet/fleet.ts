import { parseHostId } from '@booner/protocol/host-id';
import { METRICS_PATTERN, REMOVALS_CHANNEL } from '@booner/protocol/redis-names';
import type { FleetBus, FleetListener } from '../../ports.ts';
import { readMetricsMessage } from '../../stored-values.ts';
import { openClient, rethrow } from '../connection/client.ts';
import { commandOptions, connectionOptions, type RedisSettings } from '../connection/connection-options.ts';
import { startHeartbeat } from '../connection/heartbeat.ts';
import type { ConnectionScope } from '../connection/keep-connected.ts';
import { startRedisSession } from '../connection/redis-session.ts';
import { createFleetReader } from './fleet-reader.ts';
import { addRegistration, removeTarget, storeRegistrations } from './registrations.ts';

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

  const deliver = (_pattern: string, channel: Buffer, payload: Buffer) => {
    echoAtMs = performance.now();
    const reading = readMetricsMessage(channel.toString(), payload);
    if (!reading.ok) return listener.onRejected(reading.rejection);
    const { host, message, json } = reading.value;
    if (message.type === 'sample') listener.onSample(message, json);
    else listener.onBye(host, message);
  };

  const removed = (_channel: string, text: string) => {
    const host = parseHostId(text);
    if (host !== null) listener.onRemoved(host);
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
      subscriber.off('message', removed);
      echoAtMs = null;
    });
    startHeartbeat(subscriber, scope, { everyMs: ECHO_EVERY_MS, onEcho });
    startHeartbeat(commands, scope, { everyMs: PING_AFTER_MS });
    subscriber.on('pmessageBuffer', deliver);
    subscriber.on('message', removed);
    await Promise.all([subscriber.psubscribe(METRICS_PATTERN), subscriber.subscribe(REMOVALS_CHANNEL)]).catch(
      rethrow,
    );
    onEcho();
    const reader = createFleetReader(commands, listener.onRejected, scope.signal);
    const targets = await reader.readTargets();
    const registrations = await reader.readRegistrations();
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
    readRegistrations: use(({ reader }) => reader.readRegistrations()),
    register: use(({ commands }, registrations) => storeRegistrations(commands, registrations)),
    add: use(({ commands }, host, label) => addRegistration(commands, host, label)),
    remove: use(({ commands }, host) => removeTarget(commands, host)),
  };
}
