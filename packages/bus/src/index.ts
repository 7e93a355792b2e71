export type { AccessBus } from './access-ports.ts';
export type {
  AlertBus,
  AlertChange,
  AlertChangeOutcome,
  AlertEvent,
  AlertKey,
  EpisodePage,
  EpisodeQuery,
  GroupChanges,
  ReadAlert,
  StoredGroups,
} from './alert-ports.ts';
export { BusError, type BusErrorCode, isOutage } from './bus-error.ts';
export { idsWithChildren } from './credential-cache.ts';
export type { Lease, LeaseBus, LeaseListener } from './lease-ports.ts';
export type {
  HeldItems,
  ListedItem,
  NewOutboxEntry,
  OutboxBus,
  OutboxDepth,
  OutboxEntry,
  OutboxItem,
  Release,
} from './outbox-ports.ts';
export {
  type BusConnection,
  type BusSide,
  type FleetBus,
  type FleetListener,
  type LabelsOutcome,
  type PublishOutcome,
  REJECTION_REASONS,
  type Rejection,
  type RejectionReason,
  type SamplePublisher,
  type StoredTarget,
} from './ports.ts';
export type { HookBus, ReadRecord, RecordBus, ScheduleBus } from './record-ports.ts';
export type { RedisSettings } from './redis/connection/connection-options.ts';
export type { RolloutBus, RolloutChange, RolloutPage } from './rollout-ports.ts';
export type { SealedSecret, SecretBus, SecretPlace } from './secret-ports.ts';
export { parseSampleText } from './stored-values.ts';
export type {
  CancelOutcome,
  ChangeOutcome,
  CreateOutcome,
  ExternalChange,
  ExternalLimits,
  LogPage,
  LostOutcome,
  NewTask,
  ReceivedReport,
  ReportOutcome,
  Retention,
  Runner,
  RunnerBus,
  RunnerListener,
  SendOutcome,
  TaskBus,
  TaskPage,
  TaskQuery,
} from './task-ports.ts';
