import type { Receiver } from './send-batch.ts';

/** What the worker thread of remote write is started with. */
export type WorkerSettings = {
  readonly receiver: Receiver;
  readonly directory: string;
  readonly maxBytes: number;
  readonly minFreeBytes: number;
};

/** From the hub to the worker. */
export type ToWorker =
  | {
      readonly type: 'sample';
      readonly host: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly receivedAtMs: number;
      /** The sample as the agent sent it, which the hub has validated. */
      readonly json: string;
    }
  /** These hosts send nothing more: their series end. */
  | { readonly type: 'end'; readonly hosts: readonly string[] }
  /** Another hub may send for these hosts: their series go on without this one. */
  | { readonly type: 'forget'; readonly hosts: readonly string[] }
  /** This hub sends for more hosts from now on. */
  | { readonly type: 'separate' }
  /** Sends at once. Answered with `flushed` when nothing is left, or the receiver fails. */
  | { readonly type: 'flush'; readonly id: number }
  /** Sends what is left if that is quick, and ends the thread. */
  | { readonly type: 'stop' };

/** Counts since the start of the worker. */
export type Counts = {
  /** Messages of the type `sample` that were handled. */
  readonly handled: number;
  readonly sentSamples: number;
  readonly failedRequests: number;
  /** Samples that were not sent, by reason. */
  readonly droppedSamples: { readonly queueFull: number; readonly refused: number; readonly disk: number };
  readonly queueBytes: number;
  /** Age of the oldest sample that was not sent; 0 if there is none. */
  readonly lagMs: number;
};

/** From the worker to the hub. */
export type FromWorker =
  | { readonly type: 'counts'; readonly counts: Counts }
  | { readonly type: 'flushed'; readonly id: number }
  /** A state that an operator should know of; `null`: it is over. */
  | {
      readonly type: 'problem';
      readonly problem: 'failed' | 'refused' | 'disk';
      readonly reason: string | null;
    };
