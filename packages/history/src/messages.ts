import type { Annotation, HistoryBlocks, HistoryStats, RecordingState } from '@booner/protocol';
import type { RankedHost } from './block-store.ts';
import type { HistoryErrorCode } from './history-error.ts';
import type { BlocksRequest, HistoryRequest, Missed, RankRequest } from './history-port.ts';
import type { HistoryLimits } from './history-service.ts';
import type { SampleBatch } from './sample-batch.ts';

/** What the worker is started with. */
export type WorkerData = HistoryLimits & { readonly directory: string };

/** What can be asked of the worker, and what it answers. */
export type Answers = {
  query: { readonly request: HistoryRequest; readonly answer: Uint8Array<ArrayBuffer> };
  rank: { readonly request: RankRequest; readonly answer: readonly RankedHost[] };
  missed: {
    readonly request: { readonly host: string; readonly missed: Missed };
    readonly answer: number;
  };
  exportBlocks: { readonly request: BlocksRequest; readonly answer: Uint8Array<ArrayBuffer> };
  importBlocks: { readonly request: HistoryBlocks; readonly answer: null };
  reach: { readonly request: string | null; readonly answer: number | null };
  newest: { readonly request: readonly string[]; readonly answer: readonly (number | null)[] };
  stats: { readonly request: null; readonly answer: HistoryStats };
  backup: { readonly request: string; readonly answer: null };
  close: { readonly request: null; readonly answer: null };
};

export type AnyRequest = {
  [Name in keyof Answers]: { readonly type: Name; readonly request: Answers[Name]['request'] };
}[keyof Answers];

export type ToWorker =
  | { readonly type: 'samples'; readonly samples: SampleBatch }
  | { readonly type: 'annotation'; readonly host: string; readonly annotation: Annotation }
  | (AnyRequest & { readonly id: number });

export type FromWorker =
  /** Samples that were taken, so that the sender knows how far behind the worker is. */
  | { readonly type: 'taken'; readonly samples: number }
  | { readonly type: 'recording'; readonly recording: RecordingState }
  /** Why nothing is deleted for its age; `null`: it is deleted again. */
  | { readonly type: 'clockDoubt'; readonly reason: string | null }
  | { readonly type: 'damaged'; readonly file: string; readonly reason: string }
  | { readonly type: 'answer'; readonly id: number; readonly answer: unknown }
  | {
      readonly type: 'failed';
      readonly id: number;
      readonly code: HistoryErrorCode | null;
      readonly message: string;
    };
