import type { Metric } from '../feature/metric.ts';
import type { Counts } from './worker-messages.ts';

const NOTHING: Counts = {
  handled: 0,
  sentSamples: 0,
  failedRequests: 0,
  droppedSamples: { queueFull: 0, refused: 0, disk: 0 },
  queueBytes: 0,
  lagMs: 0,
};

/** Keeps the counts of remote write over restarts of its worker, for `/metrics`. */
export function createRemoteWriteCounts() {
  let earlier = NOTHING;
  let current = NOTHING;
  let posted = 0;
  let unsent = 0;
  const total = (read: (counts: Counts) => number) => read(earlier) + read(current);
  const metrics: readonly Metric[] = [
    {
      type: 'counter',
      name: 'booner_hub_remote_write_sent_samples_total',
      help: 'Samples that the receiver of remote write has taken',
      read: () => total(({ sentSamples }) => sentSamples),
    },
    {
      type: 'counter',
      name: 'booner_hub_remote_write_failed_requests_total',
      help: 'Requests of remote write that failed and were repeated',
      read: () => total(({ failedRequests }) => failedRequests),
    },
    {
      type: 'counter',
      name: 'booner_hub_remote_write_dropped_samples_total',
      help: 'Samples that were not sent, by reason. Of the reason busy, samples of a host count as one',
      label: 'reason',
      read: () => [
        ['queue_full', total(({ droppedSamples }) => droppedSamples.queueFull)],
        ['refused', total(({ droppedSamples }) => droppedSamples.refused)],
        ['disk', total(({ droppedSamples }) => droppedSamples.disk)],
        ['busy', unsent],
      ],
    },
    {
      type: 'gauge',
      name: 'booner_hub_remote_write_queue_bytes',
      help: 'Size on disk of the samples that wait to be sent',
      read: () => current.queueBytes,
    },
    {
      type: 'gauge',
      name: 'booner_hub_remote_write_lag_seconds',
      help: 'Age of the oldest sample that waits to be sent',
      read: () => current.lagMs / 1000,
    },
  ];
  return {
    metrics,
    /** A worker starts, which counts from 0. */
    started: () => {
      earlier = sumOf(earlier, current);
      current = NOTHING;
      posted = 0;
    },
    update: (counts: Counts) => {
      current = counts;
    },
    posted: () => {
      posted += 1;
    },
    dropUnsent: () => {
      unsent += 1;
    },
    /** Samples that the worker has not handled, as far as it has reported. */
    waiting: () => posted - current.handled,
  };
}

const sumOf = (a: Counts, b: Counts): Counts => ({
  ...NOTHING,
  sentSamples: a.sentSamples + b.sentSamples,
  failedRequests: a.failedRequests + b.failedRequests,
  droppedSamples: {
    queueFull: a.droppedSamples.queueFull + b.droppedSamples.queueFull,
    refused: a.droppedSamples.refused + b.droppedSamples.refused,
    disk: a.droppedSamples.disk + b.droppedSamples.disk,
  },
});
