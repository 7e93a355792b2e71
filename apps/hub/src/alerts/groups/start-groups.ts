import type { AlertBus, LeaseBus } from '@booner/bus';
import { newSecret } from '@booner/bus/secrets';
import { ALERT_LINK_PREFIX } from '@booner/protocol/secret-texts';
import type { Logger } from '@booner/service';
import type { Fleet } from '../../fleet/fleet.ts';
import type { HistoryReader } from '../../history/history-reader.ts';
import type { AlertBoard } from '../board/alert-board.ts';
import type { AlertFollower } from '../board/follow-alerts.ts';
import type { AlertSettings } from '../settings/alert-settings.ts';
import type { AlertView } from '../view/alert-view.ts';
import { GroupKeeper } from './group-keeper.ts';
import { createNextOpen } from './next-open.ts';
import { type RenderDeps, renderNotification } from './render-notification.ts';
import { sparkline } from './sparkline.ts';

/** A link in a message can be used for this long. */
const LINK_LIFETIME_MS = 7 * 86_400_000;

export type GroupsDeps = {
  readonly bus: Pick<AlertBus, 'readGroups' | 'saveGroups' | 'putAlertLink' | 'whenConnected'>;
  readonly leases: Pick<LeaseBus, 'leaseOf' | 'held' | 'follow'>;
  readonly fleet: Pick<Fleet, 'get' | 'entries'>;
  readonly history: Pick<HistoryReader, 'query'> | null;
  readonly board: Pick<AlertBoard, 'alerts' | 'get'>;
  readonly settings: Pick<AlertSettings, 'defaultChannels'>;
  readonly view: Pick<AlertView, 'ruleOf'>;
  /** URL of the hub, with a slash at its end. */
  readonly hubUrl: string;
  /** Unix time. */
  readonly nowMs: () => number;
  readonly log: Logger;
};

export type Groups = {
  readonly follower: AlertFollower;
  run(options: { readonly signal: AbortSignal }): Promise<void>;
};

/** Connects the groups of alerts with what their notifications say. */
export function startGroups(deps: GroupsDeps): Groups {
  const { bus, leases, fleet, history, board, settings, view, hubUrl, nowMs, log } = deps;
  const ruleOf = (name: string) => view.ruleOf(name);
  const rendering: RenderDeps = {
    ruleOf,
    targetOf: (host) => {
      const entry = fleet.get(host);
      return entry === null ? null : { label: entry.label, labels: entry.subject.labels };
    },
    hubUrl,
    acknowledgeUrl: async (episodes) => {
      const { text, hash } = newSecret(ALERT_LINK_PREFIX);
      await bus.putAlertLink(hash, episodes, LINK_LIFETIME_MS);
      return `${hubUrl}acknowledge#${text}`;
    },
    chartOf: async ({ host, device, atMs }, { condition }) =>
      condition.type === 'state' || host === null
        ? null
        : sparkline(history, { host, device, metric: condition.metric }, atMs),
  };
  const keeper = new GroupKeeper({
    bus,
    leases,
    nextOpenMs: createNextOpen({ board, fleet, ruleOf, nowMs, monotonicMs: () => performance.now() }),
    render: (notification) => renderNotification(notification, rendering),
    resolveChannels: (named) => (named.length > 0 ? named : settings.defaultChannels()),
    nowMs,
    log,
  });
  return {
    follower: {
      onEvents(events) {
        for (const event of events) if (event.type === 'alerts') keeper.touch(event.groupShards);
      },
      onReset: () => keeper.touch(leases.held().map(({ shard }) => shard)),
      onBus: () => {},
    },
    run: async ({ signal }) => {
      const unfollow = leases.follow({
        onGained: (gained) => keeper.touch(gained.map(({ shard }) => shard)),
        onEnded: () => {},
      });
      await keeper.run({ signal }).finally(unfollow);
    },
  };
}
