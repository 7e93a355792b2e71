import type { Logger } from '@booner/service';
import { ChannelLane } from './channel-lane.ts';

/** What a channel is said to do in the log; `working` is the state that needs no line. */
type Trouble = 'refusing' | 'expiring';

const TEXTS: Readonly<Record<Trouble, string>> = {
  refusing: 'a channel refuses notifications, which are kept as undelivered: check its settings',
  expiring: 'a channel has taken nothing for a day: notifications to it are given up',
};

export type KnownLane = {
  readonly lane: ChannelLane;
  /** Version of the channel's settings. */
  readonly version: string;
  /** Notes what the other side said last. */
  said(answer: string): void;
  /** Logs trouble once, until {@link KnownLane.works}. */
  report(trouble: Trouble): void;
  works(): void;
};

export type ChannelLanesDeps = { readonly log: Logger; readonly random: () => number };

/** Creates the lanes of channels. One whose settings have changed starts anew. */
export function createChannelLanes({ log, random }: ChannelLanesDeps) {
  const lanes = new Map<string, KnownLane>();

  const create = (channel: string, version: string): KnownLane => {
    let answer = '';
    const reported = new Set<Trouble>();
    const onFailing = (isFailing: boolean) => {
      if (isFailing) log.warn({ channel, answer }, 'a channel fails: notifications to it wait');
      else log.info({ channel }, 'a channel takes notifications again');
    };
    return {
      lane: new ChannelLane({ random, onFailing }),
      version,
      said: (text) => {
        answer = text;
      },
      report: (trouble) => {
        if (reported.has(trouble)) return;
        reported.add(trouble);
        log.warn({ channel, answer }, TEXTS[trouble]);
      },
      works: () => reported.clear(),
    };
  };
  return {
    of(channel: string, version: string): KnownLane {
      const known = lanes.get(channel);
      if (known?.version === version) return known;
      const created = create(channel, version);
      lanes.set(channel, created);
      return created;
    },
    /** Forgets a channel that was removed. */
    forget: (channel: string): void => void lanes.delete(channel),
  };
}
