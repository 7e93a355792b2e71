import type { OutboxBus } from '../../outbox-ports.ts';
import type { BusConnection } from '../../ports.ts';
import type { OnRejected } from '../../stored-values.ts';
import { openClient } from '../connection/client.ts';
import { blockingOptions, type RedisSettings } from '../connection/connection-options.ts';
import type { ConnectionScope } from '../connection/keep-connected.ts';
import { startRedisSession } from '../connection/redis-session.ts';
import type { JoinCommands } from '../connection/share-commands.ts';
import { createHeldItems } from './held-items.ts';
import { createOutboxCommands } from './outbox-commands.ts';
import { createOutboxList } from './outbox-list.ts';
import { createOutboxReader } from './outbox-reader.ts';

export type RedisOutboxOptions = {
  readonly redis: RedisSettings;
  readonly commands: JoinCommands;
  /** Name of this hub among those that share the outbox. */
  readonly hub: string;
  /** Called for transitions only. */
  readonly onConnection?: (connection: BusConnection) => void;
  /** Called for stored values that cannot be parsed and were left out. */
  readonly onRejected?: OnRejected;
  /** Hubs without entries that have not read for so long are forgotten; default 1 h. */
  readonly forgetAfterMs?: number;
  readonly random?: () => number;
};

/** Much longer than a hub waits between two reads. */
const FORGET_AFTER_MS = 3_600_000;

/**
 * Starts a hub's side of the outbox over two connections that end together: one for commands, and
 * one that blocks until there is something to send. Returns before they are made.
 * @throws BusError `bad_url` or `bad_certificate`
 */
export async function startRedisOutbox(
  {
    redis: settings,
    commands: join,
    hub,
    onConnection,
    onRejected = () => {},
    random,
    ...given
  }: RedisOutboxOptions,
  { signal }: { signal?: AbortSignal } = {},
): Promise<OutboxBus> {
  const { forgetAfterMs = FORGET_AFTER_MS } = given;
  const takeOptions = blockingOptions(settings, 'booner-hub-sender');

  const open = async (scope: ConnectionScope) => {
    const [commands, blocking] = await Promise.all([join(scope), openClient(takeOptions, scope)]);
    const list = createOutboxList(commands, onRejected, scope.signal);
    await list.depth(); // fails without the permissions
    return {
      session: {
        list,
        reader: createOutboxReader({ commands, blocking, hub, forgetAfterMs, onRejected }),
        commands: createOutboxCommands(commands, onRejected),
        held: createHeldItems(commands, onRejected, scope.signal),
      },
    };
  };
  const { side, use } = startRedisSession({ open, onConnection, random, signal });

  return {
    ...side,
    put: use(({ commands }, entries) => commands.put(entries)),
    take: use(({ reader }, max) => reader.take(max)),
    takeOver: use(({ reader }, idleMs, max) => reader.takeOver(idleMs, max)),
    hasOlder: use(({ list }, entry) => list.hasOlder(entry)),
    finish: use(({ commands }, entry) => commands.finish(entry)),
    postpone: use(({ commands }, entry, { delayMs, answer }) => commands.postpone(entry, delayMs, answer)),
    bury: use(({ commands }, entry, answer) => commands.bury(entry, answer)),
    wake: use(({ commands }, max) => commands.wake(max)),

    countSend: use(({ commands }, channel, windowMs) => commands.countSend(channel, windowMs)),
    hold: use(({ held }, entry) => held.hold(entry)),
    heldChannels: use(({ held }) => held.channels()),
    readHeld: use(({ held }, channel) => held.read(channel)),
    releaseHeld: use(({ held }, release) => held.release(release)),

    list: use(({ list }, limit) => list.list(limit)),
    retry: use(({ list }, id) => list.retry(id)),
    discard: use(({ list }, id) => list.discard(id)),
    depth: use(({ list }) => list.depth()),
  };
}
