import type { RolloutHead, RolloutHostStatus, RolloutStatus } from '@booner/protocol';
import { isHostDone } from '@booner/protocol/rollout-ends';
import { safeText } from '../terminal/safe-text.ts';
import type { Terminal } from '../terminal/terminal.ts';

const STYLES = {
  pending: 'yellow',
  running: 'cyan',
  paused: 'yellow',
  waiting_for_approval: 'yellow',
  completed: 'green',
  failed: 'red',
  cancelled: 'dim',
} as const satisfies Record<RolloutStatus, string>;

export const rolloutStatus = (status: RolloutStatus, terminal: Pick<Terminal, 'style'>): string =>
  terminal.style(STYLES[status], status.replaceAll('_', ' '));

/** Host statuses in the order in which a reader looks for them. */
export const HOST_STATUSES: readonly RolloutHostStatus[] = [
  'failed',
  'running',
  'checking',
  'queued',
  'waiting',
  'cancelled',
  'skipped',
  'completed',
];

type Counts = Pick<RolloutHead, 'counts'>;

const count = ({ counts }: Counts, statuses: readonly RolloutHostStatus[]): number =>
  statuses.reduce((sum, status) => sum + (counts[status] ?? 0), 0);

export const totalOf = (rollout: Counts): number => count(rollout, HOST_STATUSES);

export const doneOf = (rollout: Counts): number => count(rollout, HOST_STATUSES.filter(isHostDone));

/** Formats the counts: `4/12 done, 1 failed, 3 running`. */
export function countsText(rollout: Counts): string {
  const parts = [`${doneOf(rollout)}/${totalOf(rollout)} done`];
  for (const status of HOST_STATUSES) {
    const number = rollout.counts[status] ?? 0;
    if (number > 0 && status !== 'completed' && status !== 'waiting') parts.push(`${number} ${status}`);
  }
  return parts.join(', ');
}

/** Formats the present batch and the reason: `batch 2 of 5, waits 30 s before batch 3 of 5`. */
export function phaseText({
  batch,
  batches,
  reason,
}: Pick<RolloutHead, 'batch' | 'batches' | 'reason'>): string {
  const present = batches === 0 ? [] : [`batch ${Math.min(batch + 1, batches)} of ${batches}`];
  return [...present, ...(reason === null ? [] : [safeText(reason)])].join(', ');
}

export const targetsText = (number: number): string => `${number} ${number === 1 ? 'target' : 'targets'}`;
