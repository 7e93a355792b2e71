export { BusError, type BusErrorCode } from './bus-error.ts';
export type {
  BusConnection,
  FleetBus,
  FleetListener,
  PublishOutcome,
  Rejection,
  RejectionReason,
  SamplePublisher,
  StoredTarget,
} from './ports.ts';
export type { RedisSettings } from './redis/connection-options.ts';
