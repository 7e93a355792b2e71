import { parseHostId } from '@booner/protocol/host-id';
import { METRICS_PATTERN, REMOVALS_CHANNEL } from '@booner/protocol/redis-names';
import type { Redis } from 'ioredis';
import { BusError } from '../../bus-error.ts';
import type { FleetBus, FleetListener } from '../../ports.ts';
import { readMetricsMessage } from '../../stored-values.ts';
import { openClient, rethrow } from '../connection/client.ts';
import {
  ANSWER_TIMEOUT_MS,
  connectionOptions,
  type RedisSettings,
} from '../connection/connection-options.ts';
import { startHeartbeat } from '../connection/heartbeat.ts';
import { keepConnected, type Life } from '../connection/keep-connected.ts';
import { readEverything, readInventories, readRegistrations } from './catch-up.ts';
import { addRegistration, removeTarget, storeRegistrations } from './registrations.ts';

export type RedisFleetOptions = {
  readonly redis: RedisSettings;
  readonly listener: FleetListener;
  readonly random?: () => number;
};

/** On the connection that samples arrive on: the age of the last echo tells a hub whether it is deaf. */
const ECHO_EVERY_MS = 500;
const PING_AFTER_MS = 3000;

/**
 * Starts a hub's side of the bus, over two connections that live and end together: one that samples arrive on, one for commands.
 * Returns before they are made. "Connected" is said when the subscription is acknowledged and the last values have been read;
 * samples that arrive in between are delivered at once.
 * @throws BusError `bad_url` or `bad_certificate`
 */
export async function startRedisFleet(
  { redis: settings, listener, random }: RedisFleetOptions,
  { signal }: { signal?: AbortSignal } = {},
): Promise<FleetBus> {
  const shared = connectionOptions(settings);
  const subscriberOptions = { ...shared, connectionName: 'booner-hub-samples' };
  // A deadline a command suits only the connection that nothing else arrives on: an answer may be late behind many samples.
  const commandOptions = { ...shared, connectionName: 'booner-hub', commandTimeout: ANSWER_TIMEOUT_MS };
  let current: { readonly commands: Redis; readonly life: Life } | null = null;
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

  const open = async (life: Life) => {
    const [subscriber, commands] = await Promise.all([
      openClient(subscriberOptions, life),
      openClient(commandOptions, life),
    ]);
    const onEcho = () => {
      if (!life.signal.aborted) echoAtMs = performance.now();
    };
    life.signal.addEventListener('abort', () => {
      subscriber.off('pmessageBuffer', deliver);
      subscriber.off('message', removed);
      current = null;
      echoAtMs = null;
    });
    startHeartbeat(subscriber, life, { everyMs: ECHO_EVERY_MS, onEcho });
    startHeartbeat(commands, life, { everyMs: PING_AFTER_MS });
    subscriber.on('pmessageBuffer', deliver);
    subscriber.on('message', removed);
    await Promise.all([subscriber.psubscribe(METRICS_PATTERN), subscriber.subscribe(REMOVALS_CHANNEL)]).catch(
      rethrow,
    );
    onEcho();
    const { targets, registrations } = await readEverything(commands, listener.onRejected, life.signal);
    current = { commands, life };
    return () => listener.onCatchUp(targets, registrations);
  };
  const link = keepConnected({ open, onConnection: listener.onConnection, random, signal });

  const connected = () => {
    if (current !== null) return current;
    const connection = link.connection();
    const reason =
      connection.state === 'disconnected' ? connection.reason : 'the connection to Redis is being made';
    throw new BusError('disconnected', reason);
  };
  /** A master that became a replica is left: the next session finds the new one. */
  const writing =
    <A extends unknown[], R>(run: (commands: Redis, ...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      const { commands, life } = connected();
      return run(commands, ...args).catch((error: BusError) => {
        if (error.reply === 'READONLY') life.end(error);
        throw error;
      });
    };
  return {
    connection: link.connection,
    whenConnected: link.whenConnected,
    lastEchoAgeMs: () => (echoAtMs === null ? null : performance.now() - echoAtMs),
    readInventories: async (hosts) => {
      const { commands, life } = connected();
      return readInventories(commands, hosts, listener.onRejected, life.signal);
    },
    readRegistrations: async () => {
      const { commands, life } = connected();
      return readRegistrations(commands, listener.onRejected, life.signal);
    },
    register: writing(storeRegistrations),
    add: writing(addRegistration),
    remove: writing(removeTarget),
    [Symbol.asyncDispose]: link.stop,
  };
}
