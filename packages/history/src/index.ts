export { temporaryBackup } from './backup-file.ts';
export type { RankedHost } from './block-store.ts';
export { HistoryError, type HistoryErrorCode } from './history-error.ts';
export type {
  BlocksRequest,
  History,
  HistoryRequest,
  Missed,
  RankRequest,
  ReceivedSample,
} from './history-port.ts';
export type { HistoryLimits } from './history-service.ts';
export type { Points } from './points.ts';
export { answerOf, boundAnswer } from './query.ts';
export { type StartHistoryOptions, startHistory } from './start-history.ts';
export { DEFAULT_RETENTION, parseRetention, type Retention } from './tiers.ts';
