import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { type Notification, notificationSchema } from '@booner/protocol';
import { backoffDelayMs } from '@booner/protocol/backoff';
import { type Logger, runLoop, sleep } from '@booner/service';
import type { Feature } from '../../feature/feature.ts';
import { type ChannelOpenerDeps, createChannelOpener } from '../channels/channel-opener.ts';
import { sendNotification } from '../channels/channels.ts';
import { followBlindness, SIGHTED } from '../machine/blindness.ts';

const LOOK_INTERVAL_MS = 5000;
/** Without the bus there is no outbox, so the attempts end with this hub. */
const MAX_ATTEMPTS = 6;
const BACKOFF = { minMs: 5000, maxMs: 60_000 };

export type BlindNoticeDeps = Pick<ChannelOpenerDeps, 'sealingKey'> & {
  /** As this hub last read them. */
  readonly settings: Pick<ChannelOpenerDeps, 'channels'> & { defaultChannels(): readonly string[] };
  /** True while this hub receives nothing. */
  readonly isBlind: () => boolean;
  /** URL of the hub, with a slash at its end. */
  readonly hubUrl: string;
  /** Of Booner. */
  readonly version: string;
  readonly log: Logger;
  /** Unix milliseconds. */
  readonly nowMs?: () => number;
  readonly lookIntervalMs?: number;
};

type Episode = { readonly id: string; readonly sinceMs: number };

/**
 * Notifies the default channels when this hub has received nothing for a minute, and when it does
 * again. It does so directly, since the outbox is out of reach, too. Each hub speaks for itself.
 */
export function createBlindNotice(deps: BlindNoticeDeps): Required<Pick<Feature, 'run'>> {
  const { settings, sealingKey, isBlind, hubUrl, version, log } = deps;
  const { nowMs = Date.now, lookIntervalMs = LOOK_INTERVAL_MS } = deps;
  const opener = createChannelOpener({ channels: () => settings.channels(), sealingKey });

  const notify = async (channel: string, notification: Notification, signal: AbortSignal) => {
    let answer = 'it cannot be opened';
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      if (attempt > 0 && !(await sleep(backoffDelayMs(attempt, BACKOFF), signal))) return;
      const opened = await opener.open(channel);
      if (opened === null) return;
      if (!opened.ok) {
        answer = opened.reason;
        break;
      }
      const outcome = await sendNotification(notification, opened.settings, { version, signal });
      if (outcome.type === 'delivered' || signal.aborted) return;
      answer = outcome.answer;
      if (outcome.type === 'rejected') break;
    }
    log.warn({ channel, answer }, 'a channel did not take the notice that this hub is blind');
  };

  return {
    run: async ({ signal }) => {
      let memory = SIGHTED;
      let episode: Episode | null = null;
      /** By channel, so that the end of an episode does not overtake its beginning. */
      const sending = new Map<string, Promise<void>>();
      const notifyAll = (notification: Notification) => {
        for (const channel of settings.defaultChannels()) {
          const before = sending.get(channel) ?? Promise.resolve();
          sending.set(
            channel,
            before.then(() => notify(channel, notification, signal)),
          );
        }
      };
      const look = () => {
        const step = followBlindness(memory, isBlind(), nowMs());
        const sinceMs = memory.blindSinceMs ?? nowMs();
        memory = step.memory;
        for (const { type, atMs } of step.effects) {
          if (type === 'blind') {
            episode = { id: `blind-${randomUUID()}`, sinceMs };
            log.warn('this hub receives nothing: it notifies its default channels');
          } else log.info('this hub receives again');
          if (episode !== null) notifyAll(noticeOf(type, { episode, atMs, hubUrl }));
        }
      };
      await runLoop({ run: look, intervalMs: lookIntervalMs, failures: null }, { signal });
      await Promise.all(sending.values());
    },
  };
}

type NoticeOptions = { readonly episode: Episode; readonly atMs: number; readonly hubUrl: string };

function noticeOf(type: 'blind' | 'sighted', { episode, atMs, hubUrl }: NoticeOptions): Notification {
  const name = hostname();
  const isBlind = type === 'blind';
  return notificationSchema.parse({
    id: isBlind ? episode.id : `${episode.id}.sighted`,
    episode: episode.id,
    kind: isBlind ? 'firing' : 'resolved',
    rule: 'hub-blind',
    severity: 'crit',
    status: isBlind ? 'firing' : 'resolved',
    at: new Date(atMs).toISOString(),
    targets: [
      {
        host: null,
        name,
        labels: {},
        value: null,
        valueText: isBlind ? 'cannot reach Redis' : 'reaches Redis again',
        since: new Date(episode.sinceMs).toISOString(),
        sparkline: null,
      },
    ],
    targetCount: 1,
    title: isBlind ? `The hub on ${name} receives no data` : `The hub on ${name} receives data again`,
    text: isBlind
      ? 'It cannot reach Redis. Until it can, it evaluates no alert, and what happens to targets is not reported by it.'
      : 'It evaluates alerts again.',
    threshold: null,
    url: `${hubUrl}dashboard/alerts`,
    acknowledgeUrl: null,
    runbook: null,
  } satisfies Notification);
}
