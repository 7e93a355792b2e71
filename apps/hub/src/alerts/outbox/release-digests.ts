import type { OutboxBus } from '@booner/bus';
import { digestNotification } from './digest-notification.ts';

/** Time for which a channel holds back before its digest. */
const HOLD_MS = 60_000;

export type ReleaseDigestsDeps = {
  readonly outbox: Pick<OutboxBus, 'heldChannels' | 'readHeld' | 'releaseHeld'>;
  /** URL of the hub, with a slash at its end. */
  readonly hubUrl: string;
  readonly holdMs?: number;
};

/**
 * Creates what sends the digests of channels, a minute after this hub saw the oldest item of each.
 * Every hub does so, and the first one is the one that sends. The function rejects with BusError.
 */
export function createReleaseDigests({ outbox, hubUrl, holdMs = HOLD_MS }: ReleaseDigestsDeps) {
  /** By channel: its oldest item, and when this hub first saw it in monotonic milliseconds. */
  let seen = new Map<string, { readonly id: string; readonly atMs: number }>();

  return async (): Promise<void> => {
    const next: typeof seen = new Map();
    for (const channel of await outbox.heldChannels()) {
      const held = await outbox.readHeld(channel);
      const [first] = held.items;
      if (first === undefined) continue;
      const nowMs = performance.now();
      const known = seen.get(channel);
      const since = known?.id === first.id ? known : { id: first.id, atMs: nowMs };
      if (nowMs - since.atMs < holdMs) next.set(channel, since);
      else {
        const digest = digestNotification(held, { hubUrl, at: new Date() });
        const { dropped } = held;
        await outbox.releaseHeld({ channel, count: held.items.length, firstId: first.id, dropped, digest });
      }
    }
    seen = next;
  };
}
