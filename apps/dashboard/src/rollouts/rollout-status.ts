import type { RolloutHead, RolloutHostStatus } from '@booner/protocol';

/** Statuses of hosts in the order of a host's way through a rollout. */
export const HOST_STATUSES: readonly RolloutHostStatus[] = [
  'waiting',
  'queued',
  'running',
  'checking',
  'completed',
  'failed',
  'cancelled',
  'skipped',
];

/** With more batches, only their numbers are shown: names would take more space than the cells. */
export const MAX_NAMED_BATCHES = 24;

export type RolloutProgress = {
  readonly hosts: number;
  /** Hosts that are done, whatever the outcome. */
  readonly done: number;
  readonly failed: number;
  /** Whole percent of the hosts that are done. 100 means all of them. */
  readonly percent: number;
};

/** Sums up the hosts of a rollout by status. */
export function progressOf(counts: RolloutHead['counts']): RolloutProgress {
  const of = (status: RolloutHostStatus) => counts[status] ?? 0;
  const hosts = HOST_STATUSES.reduce((sum, status) => sum + of(status), 0);
  const done = of('completed') + of('failed') + of('cancelled') + of('skipped');
  return {
    hosts,
    done,
    failed: of('failed'),
    percent: hosts === 0 ? 0 : Math.floor((done / hosts) * 100),
  };
}

/** Says which batch a rollout is at: "batch 2 of 5". */
export const batchText = ({ batch, batches }: Pick<RolloutHead, 'batch' | 'batches'>): string =>
  `batch ${Math.min(batch + 1, batches)} of ${batches}`;
