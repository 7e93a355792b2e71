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
