export { CLOSE_CODES, type CloseCode, mayReconnect } from './close-codes.ts';
export { HOST_ID_RULE, type HostId, parseHostId } from './host-id.ts';
export { hostIdSchema } from './host-id-schema.ts';
export { newInstanceId } from './instance-id.ts';
export { type Inventory, inventorySchema } from './inventory.ts';
export {
  type CpuMeasurement,
  type FileSystemMeasurement,
  type GpuMeasurement,
  type Measurements,
  measurementsSchema,
} from './measurements.ts';
export {
  type Bye,
  byeSchema,
  type MetricsMessage,
  metricsMessageSchema,
  type Sample,
  sampleSchema,
} from './metrics-message.ts';
export { NOTHING_MEASURED } from './nothing-measured.ts';
export { PROBLEM_MEDIA_TYPE, type Problem, problemSchema } from './problem.ts';
export { type Registration, registrationSchema } from './registration.ts';
export {
  type StatusClientMessage,
  type StatusPatch,
  type StatusServerMessage,
  type StatusSnapshot,
  statusClientMessageSchema,
  statusServerMessageSchema,
  V2_SUBPROTOCOL,
} from './status-stream.ts';
export {
  type SystemStatus,
  systemStatusSchema,
  type TargetStatus,
  targetStatusSchema,
} from './system-status.ts';
export {
  type MainServer,
  mainServerSchema,
  type Target,
  type TargetSummary,
  targetSchema,
  targetSummarySchema,
} from './target.ts';
