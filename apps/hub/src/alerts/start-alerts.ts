import { hostname } from 'node:os';
import type { HostId } from '@booner/protocol';
import type { Logger } from '@booner/service';
import { createFailureLimit } from '../access/failure-limit.ts';
import type { Buses } from '../buses/open-buses.ts';
import type { HubConfig } from '../config/config.ts';
import type { Feature } from '../feature/feature.ts';
import type { FleetFeature } from '../fleet/start-fleet.ts';
import type { HistoryRecorder } from '../history/open-recorder.ts';
import type { HistoryFeature } from '../history/start-history.ts';
import type { SealingKey } from '../sealing/sealing-key.ts';
import type { TasksFeature } from '../tasks/start-tasks.ts';
import type { SocketSupervisor } from '../ws/socket-supervisor.ts';
import { type StreamEndpoint, streamEndpoint } from '../ws/stream-endpoint.ts';
import { createAlertJson } from './alert-json.ts';
import { alertLinkRoutes } from './alert-link-routes.ts';
import { alertMetrics } from './alert-metrics.ts';
import { alertRoutes } from './alert-routes.ts';
import { AlertStream } from './alert-stream.ts';
import { annotateEpisodes } from './annotate-episodes.ts';
import { AlertBoard } from './board/alert-board.ts';
import { type AlertFollower, followAlerts } from './board/follow-alerts.ts';
import { channelRoutes } from './channels/channel-routes.ts';
import { startEvaluation } from './evaluation/start-evaluation.ts';
import { startGroups } from './groups/start-groups.ts';
import { heartbeatRoutes } from './heartbeat-routes.ts';
import { deliveryRoutes } from './outbox/delivery-routes.ts';
import { sendOutbox } from './outbox/send-outbox.ts';
import { quietHoursRoutes } from './quiet-hours-routes.ts';
import { watchRuleFiles } from './rule-files/watch-rule-files.ts';
import { ruleRoutes } from './rule-routes.ts';
import { createBlindNotice } from './self-watch/blind-notice.ts';
import { createWatchdog } from './self-watch/watchdog.ts';
import { AlertSettings, type RuleFiles } from './settings/alert-settings.ts';
import { FollowSettings } from './settings/follow-settings.ts';
import { silenceRoutes } from './silence-routes.ts';
import { trialRoutes } from './trial/trial-routes.ts';
import { AlertView } from './view/alert-view.ts';

export type AlertsDeps = {
  readonly buses: Pick<Buses, 'alerts' | 'outbox' | 'leases' | 'tasks' | 'rollouts' | 'schedules'>;
  readonly config: Pick<HubConfig, 'publicUrl' | 'host' | 'port' | 'tls' | 'alerts' | 'history'>;
  /** Seals the secrets of channels. */
  readonly sealingKey: SealingKey;
  readonly fleet: FleetFeature;
  readonly tasks: TasksFeature;
  readonly history: Pick<HistoryFeature, 'reader'>;
  readonly recorder: Pick<HistoryRecorder, 'store'>;
  readonly supervisor: SocketSupervisor;
  readonly ownerOf: StreamEndpoint['ownerOf'];
  /** Returns the reason why clients wait for their first data, as a sentence. */
  readonly waitingFor: () => string;
  readonly version: string;
  /** Registers a function to call when files may have been changed. */
  readonly onRotation: (listener: () => void) => void;
  readonly log: Logger;
};

export type AlertsFeature = Feature & {
  /** Returns how many of these hosts have an alert that fires and is not muted. */
  countFiring(hosts: readonly HostId[]): number;
  /**
   * Returns true if an instant is within quiet hours of this name. Unknown ones are never quiet.
   */
  isQuietAt(name: string, atMs: number): boolean;
};

/** Starts alerts: rules over what the hub knows, people notified once, over all hubs. */
export function startAlerts(deps: AlertsDeps): AlertsFeature {
  const { buses, config, sealingKey, fleet, tasks, history, recorder, version, onRotation, log } = deps;
  const { supervisor, ownerOf, waitingFor } = deps;
  const { alerts: bus, outbox, leases, tasks: taskBus, rollouts, schedules } = buses;
  const { readableOf } = fleet;
  const nowMs = Date.now;
  const hubUrl = hubUrlOf(config);
  const board = new AlertBoard();
  const settings = new AlertSettings({ bus, log });
  const followSettings = new FollowSettings({ bus, settings, nowMs, log });
  const view = new AlertView((name) => settings.rule(name));
  const isBlind = () => fleet.bus.connection().state !== 'connected';

  const shared = { bus, leases, history: history.reader, board, settings, nowMs, log };
  const evaluation = startEvaluation({
    ...{ ...shared, fleet, tasks, taskBus, rollouts, schedules, isBlind, version },
  });
  const groups = startGroups({ ...shared, fleet: fleet.fleet, view, hubUrl });
  const sending = { settings, sealingKey, hubUrl, version, log };
  const sender = sendOutbox({ ...sending, outbox });
  const blindNotice = createBlindNotice({ ...sending, isBlind });
  const { watchdogUrl: url, rulesDirectory: directory } = config.alerts;
  const watchdog = url === null ? null : createWatchdog({ url, leases, isBlind, version, log });

  const onRules = (files: RuleFiles) => settings.setFiles(files);
  const ruleFiles = directory === null ? null : { directory, onRules, onRotation, log };
  const { reader } = history;
  const { retention } = config.history;

  const json = createAlertJson({ view, settings });
  const stream = new AlertStream({ bus, board, json, waitingFor, log });
  fleet.fleet.onRosterChange(() => stream.applyReadScopes());
  const followers: readonly AlertFollower[] = [
    stream,
    evaluation.follower,
    groups.follower,
    followSettings.follower,
    annotateEpisodes(recorder.store, view),
  ];
  const reading = { bus, settings, readableOf, nowMs };
  const limit = createFailureLimit();
  return {
    isQuietAt: (name, atMs) => settings.isQuietAt(name, atMs),
    countFiring: (hosts) => hosts.filter((host) => board.fires(host)).length,
    routes: [
      ...alertRoutes({ ...reading, view, board, fleet: fleet.fleet }),
      ...alertLinkRoutes({ bus, board, view, limit, nowMs }),
      ...ruleRoutes(reading),
      ...silenceRoutes(reading),
      ...quietHoursRoutes(reading),
      ...heartbeatRoutes({ ...reading, fleet: fleet.fleet, limit, publicUrl: config.publicUrl }),
      ...trialRoutes({ fleet: fleet.fleet, readableOf, reader, retention, nowMs }),
      ...channelRoutes({ bus, settings, sealingKey, hubUrl, version }),
      ...deliveryRoutes({ outbox, readableOf }),
      streamEndpoint({
        path: '/ws/alerts',
        mirror: '/alerts',
        stream,
        supervisor,
        ownerOf: (c) => ({ ...ownerOf(c), readable: readableOf(c) }),
      }),
    ],
    metrics: [...alertMetrics({ board, settings, stream }), ...evaluation.metrics, ...sender.metrics],
    run: ({ signal }) =>
      Promise.all([
        followAlerts({ bus, board, followers, log }, { signal }),
        followSettings.run({ signal }),
        evaluation.run({ signal }),
        groups.run({ signal }),
        sender.run({ signal }),
        blindNotice.run({ signal }),
        watchdog?.run({ signal }),
        ruleFiles === null ? null : watchRuleFiles(ruleFiles, { signal }),
      ]),
  };
}

type Served = Pick<HubConfig, 'publicUrl' | 'host' | 'port' | 'tls'>;

/** Returns the URL that links in messages start with, with a slash at its end. */
function hubUrlOf({ publicUrl, host, port, tls }: Served): string {
  if (publicUrl !== null) return publicUrl.href;
  const name = ['0.0.0.0', '::'].includes(host) ? hostname() : host;
  return `${tls === null ? 'http' : 'https'}://${name.includes(':') ? `[${name}]` : name}:${port}/`;
}
