import type { OutboxBus, OutboxEntry } from '@booner/bus';
import type { Notification, SendOutcome } from '@booner/protocol';
import type { ChannelOpener } from '../channels/channel-opener.ts';
import { type ChannelSettings, channelOf } from '../channels/channels.ts';
import type { LaneVerdict } from './channel-lane.ts';
import type { createChannelLanes, KnownLane } from './channel-lanes.ts';
import { isDigest } from './digest-notification.ts';
import { retryDelayMs } from './retry-delay.ts';
import type { SendResult } from './send-counts.ts';

/** What is to become of an entry. */
export type Settlement =
  | { readonly type: 'finish' }
  | { readonly type: 'hold' }
  /** @see OutboxBus.postpone */
  | { readonly type: 'postpone'; readonly delayMs: number; readonly answer: string | null }
  | { readonly type: 'bury'; readonly answer: string };

/** Makes one attempt. Never throws. */
type Send = (
  notification: Notification,
  settings: ChannelSettings,
  options: { readonly signal: AbortSignal },
) => Promise<SendOutcome>;

export type AttemptDeps = {
  readonly outbox: Pick<OutboxBus, 'countSend' | 'hasOlder'>;
  readonly opener: ChannelOpener;
  /** Reads the channels again. Rejects with BusError. */
  readonly refresh: () => Promise<void>;
  readonly lanes: ReturnType<typeof createChannelLanes>;
  readonly send: Send;
  readonly count: (outcome: SendResult) => void;
  readonly nowMs: () => number;
  readonly random: () => number;
};

/** For another hub, because this one stops. */
export const HAND_OVER: Settlement = { type: 'postpone', delayMs: 0, answer: null };

/** Messages that people get from a channel one by one. Further ones wait for a digest. */
const MAX_PER_WINDOW = 20;
const WINDOW_MS = 60_000;
/** Time until an older notification of an episode may have been sent. */
const OLDER_WAIT_MS = 2000;
/** Those that wait for one channel do not come back at the same time. */
const SPREAD_MS = 2000;

/** Creates what makes one attempt to deliver an entry. It rejects with BusError. */
export function createAttempt(deps: AttemptDeps) {
  const { outbox, opener, refresh, lanes, send, count, nowMs, random } = deps;

  /** A channel that this hub does not know may be new. */
  const open = async (name: string) => {
    const known = await opener.open(name);
    if (known !== null) return known;
    await refresh();
    return await opener.open(name);
  };
  /** Incidents are opened one by one: a digest of them would never be resolved. */
  const isOverRate = async ({ channel, attempts, notification }: OutboxEntry, settings: ChannelSettings) =>
    attempts === 0 &&
    !isDigest(notification) &&
    !channelOf(settings.type).opensIncidents &&
    (await outbox.countSend(channel, WINDOW_MS)) > MAX_PER_WINDOW;

  const giveUp = (known: KnownLane, answer: string): Settlement => {
    count('expired');
    known.said(answer);
    known.report('expiring');
    return { type: 'bury', answer };
  };
  /** Waits for a channel that is busy or paused. */
  const wait = (entry: OutboxEntry, known: KnownLane, waitMs: number): Settlement => {
    const atLeastMs = waitMs + random() * SPREAD_MS;
    const isOver = retryDelayMs(entry, { atLeastMs, nowMs: nowMs(), random }) === null;
    if (!isOver) return { type: 'postpone', delayMs: Math.round(atLeastMs), answer: null };
    return giveUp(known, entry.answer ?? 'the channel had no time for it');
  };
  const settle = (entry: OutboxEntry, known: KnownLane, outcome: SendOutcome): Settlement => {
    const { type, answer } = outcome;
    known.said(answer);
    switch (type) {
      case 'delivered':
        count('delivered');
        known.works();
        return { type: 'finish' };
      case 'rejected':
        count('rejected');
        known.report('refusing');
        return { type: 'bury', answer };
      case 'retry': {
        const atLeastMs = outcome.retryAfterMs ?? 0;
        const delayMs = retryDelayMs(entry, { atLeastMs, nowMs: nowMs(), random });
        if (delayMs === null) return giveUp(known, answer);
        count('failed');
        return { type: 'postpone', delayMs, answer };
      }
      default:
        return outcome satisfies never;
    }
  };

  return async (entry: OutboxEntry, { signal }: { readonly signal: AbortSignal }): Promise<Settlement> => {
    const { channel, notification } = entry;
    const opened = await open(channel);
    if (opened === null) {
      count('removed');
      lanes.forget(channel);
      return { type: 'bury', answer: `the channel ${channel} was removed` };
    }
    const known = lanes.of(channel, opened.version);
    const waitMs = known.lane.enter(performance.now());
    if (waitMs > 0) return wait(entry, known, waitMs);
    let verdict: LaneVerdict = 'unused';
    try {
      const { status } = notification;
      if (status === 'resolved' && (await outbox.hasOlder(entry))) return wait(entry, known, OLDER_WAIT_MS);
      if (opened.ok && (await isOverRate(entry, opened.settings))) {
        count('digested');
        return { type: 'hold' };
      }
      const outcome: SendOutcome = opened.ok
        ? await send(notification, opened.settings, { signal })
        : { type: 'retry', answer: opened.reason, retryAfterMs: null };
      if (outcome.type === 'retry' && signal.aborted) return HAND_OVER;
      const settlement = settle(entry, known, outcome);
      verdict = outcome.type === 'retry' ? { retryAfterMs: outcome.retryAfterMs } : 'worked';
      return settlement;
    } finally {
      known.lane.leave(verdict, performance.now());
    }
  };
}
