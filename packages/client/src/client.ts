import type { Cursor } from '@booner/protocol';
import { type AlertPart, createAlertPart } from './alerts/alert-part.ts';
import { type BoonerClientOptions, baseUrlOf } from './client-options.ts';
import type { ConnectionState } from './connection/connection-state.ts';
import { platformWebSocket } from './connection/open-socket.ts';
import { currentPage } from './connection/page.ts';
import { pollFailureOf } from './connection/poll-failure.ts';
import { createStreamLink, type LinkDeps, type Stream } from './connection/stream-link.ts';
import { createUsedLinks } from './connection/used-links.ts';
import { createWakeWatch } from './connection/wake-watch.ts';
import { createHistoryPart, type HistoryPart } from './history/history-part.ts';
import { type AccessRequests, createAccessRequests } from './http/access-requests.ts';
import { type AlertRequests, createAlertRequests } from './http/alert-requests.ts';
import { type AlertSettingRequests, createAlertSettingRequests } from './http/alert-setting-requests.ts';
import { type ArtefactRequests, createArtefactRequests } from './http/artefact-requests.ts';
import { BoonerError } from './http/booner-error.ts';
import { createHistoryFiles, type HistoryFiles } from './http/history-files.ts';
import { createHistoryRequests, type HistoryRequests } from './http/history-requests.ts';
import { createHookRequests, type HookRequests } from './http/hook-requests.ts';
import { createLogRequests, type LogRequests } from './http/log-requests.ts';
import { createDownload, createRest, type RestOptions } from './http/rest.ts';
import { createRolloutRequests, type RolloutRequests } from './http/rollout-requests.ts';
import { createScheduleRequests, type ScheduleRequests } from './http/schedule-requests.ts';
import { createSecretRequests, type SecretRequests } from './http/secret-requests.ts';
import { createSeriesRequests, type SeriesRequests } from './http/series-requests.ts';
import { createTargetRequests, type TargetRequests } from './http/target-requests.ts';
import { createTaskRequests, type TaskRequests } from './http/task-requests.ts';
import { createWatchRollout, type WatchRollout } from './rollouts/watch-rollout.ts';
import { createFleetPart, type FleetPart } from './status/fleet-part.ts';
import { hubNowMs } from './status/hub-now.ts';
import { createTargetPart, type TargetPart } from './status/target-part.ts';
import type { Store } from './store/store.ts';
import { createTaskPart, type TaskPart } from './tasks/task-part.ts';
import { steadyTime, systemClock } from './time/clock.ts';

/** Requests that take longer fail. */
const REQUEST_TIMEOUT_MS = 5000;

/**
 * A client of one hub. A stream is connected, once, for as long as any store that it fills is
 * watched.
 */
export type BoonerClient = FleetPart &
  TargetPart &
  TaskPart &
  AlertPart &
  HistoryPart &
  TaskRequests &
  ArtefactRequests &
  AlertRequests &
  AlertSettingRequests &
  HistoryRequests &
  HistoryFiles &
  SeriesRequests &
  LogRequests &
  RolloutRequests &
  ScheduleRequests &
  HookRequests &
  SecretRequests &
  TargetRequests &
  AccessRequests & {
    readonly watchRollout: WatchRollout;
    /** The worst state of the streams in use. `live` only if all of them are. */
    readonly connection: Store<ConnectionState>;
    /** State of each stream. */
    readonly connections: {
      readonly fleet: Store<ConnectionState>;
      readonly targets: Store<ConnectionState>;
      readonly tasks: Store<ConnectionState>;
      readonly alerts: Store<ConnectionState>;
    };
    /** Unix time for the ages of data. Never goes back, and includes sleep. */
    nowMs(): number;
    /**
     * Unix time by the hub's clock, according to the fleet's stream. Before its first frame:
     * `nowMs()`.
     */
    hubNowMs(): number;
    /** Retries everything that waits for a retry, for example after signing in. */
    reconnect(): void;
    /**
     * Closes all connections and ends all requests, permanently. Requests and logs then reject with
     * `client_closed`, and the stores stay as they are.
     */
    close(): void;
  };

/** Creates a client. It connects once a store is watched. */
export function createBoonerClient(options: BoonerClientOptions = {}): BoonerClient {
  const { clock = systemClock, random = Math.random, page = currentPage() } = options;
  const baseUrl = baseUrlOf(options.url);
  const nowMs = steadyTime(clock);
  const headers = async (): Promise<Record<string, string>> => {
    const token = (await options.token?.()) ?? null;
    return token === null ? {} : { authorization: `Bearer ${token}` };
  };
  const closing = new AbortController();
  const restOptions: RestOptions = {
    baseUrl,
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    headers,
    timeoutMs: REQUEST_TIMEOUT_MS,
    closed: closing.signal,
  };
  const rest = createRest(restOptions);
  const download = createDownload(restOptions);
  const requests = createTaskRequests(rest, { clock, random });
  const alertRequests = createAlertRequests(rest);
  const rolloutRequests = createRolloutRequests(rest, { clock, random });

  const links = createUsedLinks(clock, (isUsed) => (isUsed ? wakeWatch.start() : wakeWatch.stop()));
  const inputAll = (type: 'nudge' | 'woke') => {
    for (const link of links.all()) link.input({ type });
  };
  const wakeWatch = createWakeWatch({ clock, nowMs, onWoke: () => inputAll('woke') });
  const linkDeps: LinkDeps = {
    clock,
    nowMs,
    random,
    access: {
      webSocket: () => options.webSocket ?? platformWebSocket(),
      headers,
      ticket: async () => (await options.ticket?.()) ?? null,
    },
    onMessage: wakeWatch.observe,
    pollFailureOf,
  };
  const connect = (stream: Stream) => {
    const link = createStreamLink(stream, linkDeps);
    return { connection: link.connection, demand: links.add(link) };
  };
  const statusUrl = () => webSocketUrl(baseUrl, 'ws/system/status');
  const urlFrom = (path: string) => (cursor: Cursor | null) => {
    const url = webSocketUrl(baseUrl, path);
    return cursor === null ? url : `${url}?cursor=${cursor}`;
  };

  const fleet = createFleetPart({ rest, connect, url: statusUrl });
  const targets = createTargetPart({ rest, connect, url: statusUrl, page, clock });
  const tasks = createTaskPart({
    rest,
    requests,
    connect,
    url: urlFrom('ws/tasks/updates'),
    clock,
    intervalMs: fleet.intervalMs,
    closed: closing.signal,
  });
  const alerts = createAlertPart({
    requests: alertRequests,
    connect,
    url: urlFrom('ws/alerts'),
    clock,
    intervalMs: fleet.intervalMs,
  });
  const ownHubNowMs = () => hubNowMs({ fleet: fleet.part.fleet, connection: fleet.connection, nowMs });
  const historyRequests = createHistoryRequests(rest);
  const seriesRequests = createSeriesRequests(rest);
  const history = createHistoryPart({
    ...historyRequests,
    ...seriesRequests,
    ...fleet.part,
    ...targets.part,
    nowMs,
    hubNowMs: ownHubNowMs,
    random,
    clock,
    page,
  });
  const leavePage = page.onChange((change) => {
    if (change !== 'hidden') inputAll('nudge');
  });
  return {
    ...fleet.part,
    ...targets.part,
    ...tasks.part,
    ...alerts.part,
    ...requests,
    ...alertRequests,
    ...createAlertSettingRequests(rest),
    ...historyRequests,
    ...createHistoryFiles(rest, download),
    ...createArtefactRequests(download),
    ...seriesRequests,
    ...history.part,
    ...createLogRequests(rest),
    ...rolloutRequests,
    watchRollout: createWatchRollout({ ...rolloutRequests, clock, random, closed: closing.signal }),
    ...createScheduleRequests(rest),
    ...createHookRequests(rest),
    ...createSecretRequests(rest),
    ...createTargetRequests(rest),
    ...createAccessRequests(rest),
    connection: links.connection,
    connections: {
      fleet: fleet.connection,
      targets: targets.connection,
      tasks: tasks.connection,
      alerts: alerts.connection,
    },
    nowMs,
    hubNowMs: ownHubNowMs,
    reconnect: () => inputAll('nudge'),
    close() {
      leavePage();
      for (const part of [fleet, targets, tasks, alerts, history]) part.close();
      links.end();
      closing.abort(new BoonerError('client_closed', 'this client is closed'));
    },
  };
}

function webSocketUrl(baseUrl: string, path: string): string {
  const url = new URL(path, baseUrl);
  url.protocol = url.protocol.replace('http', 'ws');
  return url.href;
}
