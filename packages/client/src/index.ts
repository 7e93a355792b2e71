export type { AlertChange } from './alerts/alert-cache.ts';
export type { AlertList } from './alerts/alert-part.ts';
export { compareAlerts } from './alerts/compare-alerts.ts';
export { type BoonerClient, createBoonerClient } from './client.ts';
export type { BoonerClientOptions } from './client-options.ts';
export type { ConnectionReason, ConnectionState, ReasonCode } from './connection/connection-state.ts';
export type { WebSocketFactory, WebSocketLike } from './connection/open-socket.ts';
export type { Page, PageChange } from './connection/page.ts';
export type { HistoryState } from './history/follow-history.ts';
export type { SeriesState } from './history/follow-series.ts';
export { emptyHistory, isGap } from './history/history-rows.ts';
export type { RecentPoints } from './history/recent-series.ts';
export type { LinkToCreate, ReadAuditOptions, TokenToCreate } from './http/access-requests.ts';
export type {
  AlertFilters,
  AlertLinkOutcome,
  ListAlertsOptions,
  SilenceToCreate,
} from './http/alert-requests.ts';
export type {
  BrowserSubscription,
  ChannelToSave,
  HeartbeatToSave,
  RuleToSave,
  RuleToTest,
} from './http/alert-setting-requests.ts';
export { BoonerError, type BoonerErrorCode } from './http/booner-error.ts';
export type { ExportQuery } from './http/history-files.ts';
export type {
  FleetHistoryOf,
  FleetHistoryOptions,
  HistoryOptions,
} from './http/history-requests.ts';
export { newIdempotencyKey } from './http/idempotency-key.ts';
export type { LabelOutcome, LabelTargetsOptions } from './http/label-targets.ts';
export type { LogLines, ReadLogOptions } from './http/log-requests.ts';
export type {
  ListRolloutsOptions,
  ReadRolloutOptions,
  RollbackToStart,
  RolloutToStart,
} from './http/rollout-requests.ts';
export type { SecretOutcome, SecretTargets } from './http/secret-requests.ts';
export type {
  HistoryRecording,
  RankingQuery,
  SeriesQuery,
  SeriesSpan,
} from './http/series-requests.ts';
export type { TargetLabels, TargetListOptions, TargetToAdd } from './http/target-requests.ts';
export type {
  HostActions,
  HostRunner,
  ListTasksOptions,
  RequestOptions,
  ShownTask,
  TaskAnswer,
  TaskFilters,
  TaskPage,
  TaskToCreate,
} from './http/task-requests.ts';
export type { WatchRollout, WatchRolloutOptions } from './rollouts/watch-rollout.ts';
export { canSeal } from './secrets/seal-secret.ts';
export type { Fleet } from './status/fleet.ts';
export type { TargetState } from './status/target-stream.ts';
export { createStore, type Store, type WritableStore } from './store/store.ts';
export type { LogPart } from './tasks/follow-log.ts';
export type { TaskLog } from './tasks/log-buffer.ts';
export type { TaskChange } from './tasks/task-cache.ts';
export type { LogOptions } from './tasks/task-part.ts';
export type { TaskList, TaskState } from './tasks/task-states.ts';
export type { Clock } from './time/clock.ts';
