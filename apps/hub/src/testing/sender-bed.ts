import { createMemoryBus } from '@booner/bus/memory';
import type { Notification } from '@booner/protocol';
import type { Receiver } from '@booner/testkit';
import { eventually } from '@booner/testkit';
import { channelSettingsSchema } from '../alerts/channels/channels.ts';
import { type StoredChannel, sealChannel } from '../alerts/channels/stored-channel.ts';
import { EXAMPLE_NOTIFICATION } from '../alerts/channels/testing/example-notification.ts';
import { type SendOutboxDeps, sendOutbox } from '../alerts/outbox/send-outbox.ts';
import { sealingKeyOf } from '../sealing/seal.ts';
import { recordingLog } from './recording-log.ts';

export const BED_KEY = sealingKeyOf('a secret of the tests');
export const HUB_URL = 'https://hub.example.org/';

/** Seals a channel as it is stored. */
export const sealed = async (name: string, given: object, key = BED_KEY): Promise<StoredChannel> => ({
  ...(await sealChannel(channelSettingsSchema.parse(given), { name, key })),
  isDefault: true,
});

/** Settings of a webhook that posts to a receiver of the test. */
export const webhookTo = ({ url }: Pick<Receiver, 'url'>, path = '/hook') => ({
  type: 'webhook',
  url: `${url}${path}`,
  secret: '0123456789',
  allowPrivate: true,
});

/** Keys of the notifications that a receiver got, in order. */
export const keysOf = ({ requests }: Receiver): readonly string[] =>
  requests.map(({ headers }) => String(headers['idempotency-key']));

/** Waits for something in these tests. */
export const until = async <T>(what: string, condition: () => T | Promise<T>) =>
  (await eventually(condition, { what, deadlineMs: 120_000 })) as Exclude<NonNullable<T>, false>;

/**
 * Hubs that send what is in one outbox. Retries follow at once, since chance is always 0.
 * @param given settings of each channel
 */
export async function startSenderBed(given: Readonly<Record<string, object>>) {
  const memory = createMemoryBus();
  const stored = new Map<string, StoredChannel>();
  for (const [name, settings] of Object.entries(given)) stored.set(name, await sealed(name, settings));
  /** What hubs have read of them. */
  let known: ReadonlyMap<string, StoredChannel> = new Map(stored);
  const { log, lines } = recordingLog();
  let shiftMs = 0;
  let hubs = 0;
  await using stack = new AsyncDisposableStack();

  const startHub = (deps: Partial<SendOutboxDeps> = {}) => {
    const stop = new AbortController();
    const outbox = memory.startOutbox({ hub: `hub-${++hubs}` });
    const sender = sendOutbox({
      outbox,
      settings: {
        channels: () => known,
        read: async () => {
          known = new Map(stored);
        },
      },
      sealingKey: { ok: true, key: BED_KEY },
      hubUrl: HUB_URL,
      version: '0.0.0',
      log,
      nowMs: () => Date.now() + shiftMs,
      random: () => 0,
      ...deps,
    });
    const running = sender.run({ signal: stop.signal });
    const end = async () => {
      stop.abort();
      await running;
      await outbox[Symbol.asyncDispose]();
    };
    owned.defer(end);
    return { ...sender, outbox, end };
  };
  const owned = stack.move();
  const observer = memory.startOutbox({ hub: 'observer' });
  owned.use(observer);
  const notification = (id: string, changes: Partial<Notification> = {}): Notification => ({
    ...EXAMPLE_NOTIFICATION,
    id,
    ...changes,
  });
  return {
    startHub,
    /** The outbox as operators see it. */
    outbox: observer,
    stored,
    lines,
    /** Lets time pass for the age of items. */
    shift: (ms: number) => {
      shiftMs += ms;
    },
    put: (channel: string, ids: readonly string[], changes: Partial<Notification> = {}) =>
      observer.put(ids.map((id) => ({ channel, notification: notification(id, changes) }))),
    list: () => observer.list(1000),
    isEmpty: async () => (await observer.list(1)).length === 0,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** `n-1`, `n-2` … */
export const ids = (count: number, prefix = 'n'): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`);
