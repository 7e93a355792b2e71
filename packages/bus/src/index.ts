export type { AccessBus } from './access-ports.ts';
export { BusError, type BusErrorCode, isOutage } from './bus-error.ts';
export { idsWithChildren } from './credential-cache.ts';
export type {
  BusConnection,
  BusSide,
  FleetBus,
  FleetListener,
  LabelsOutcome,
  PublishOutcome,
  Rejection,
  RejectionReason,
  SamplePublisher,
  StoredTarget,
} from './ports.ts';
export type { RedisSettings } from './redis/connection/connection-options.ts';
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
