import type { RolloutHead, RolloutHostStatus } from '@booner/protocol';
import clsx from 'clsx';
import { formatCount, formatPercent } from '../format/numbers.ts';
import { progressOf } from './rollout-status.ts';

/** Parts of the bar from the left. Hosts whose turn has not come leave it empty. */
const PARTS: readonly (readonly [RolloutHostStatus, className: string])[] = [
  ['completed', 'bg-good'],
  ['failed', 'bg-bad-fill'],
  ['cancelled', 'bg-line-strong'],
  ['skipped', 'bg-line-strong'],
  ['checking', 'bg-accent'],
  ['running', 'bg-accent'],
];

export type RolloutBarProps = {
  readonly counts: RolloutHead['counts'];
  /** Names the rollout. */
  readonly label: string;
  readonly isLarge?: boolean;
};

/** Progress of a rollout: how many of its hosts are done, and how. */
export function RolloutBar({ counts, label, isLarge = false }: RolloutBarProps) {
  const { hosts, done, failed, percent } = progressOf(counts);
  const text = `${formatCount(done)} of ${formatCount(hosts)} hosts done${failed > 0 ? `, ${formatCount(failed)} failed` : ''}`;
  return (
    <span className="live-value flex items-center gap-2">
      <span
        role="progressbar"
        aria-label={label}
        aria-valuenow={percent}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuetext={text}
        title={text}
        className={clsx(
          'flex min-w-16 flex-1 overflow-hidden rounded-full border border-line bg-raised',
          isLarge ? 'h-3' : 'h-2',
        )}
      >
        {PARTS.map(([status, className]) => (
          <span
            key={status}
            className={clsx('block h-full', className)}
            style={{ width: `${hosts === 0 ? 0 : (100 * (counts[status] ?? 0)) / hosts}%` }}
          />
        ))}
      </span>
      <span className="w-10 shrink-0 text-right" aria-hidden="true">
        {formatPercent(percent / 100)}
      </span>
    </span>
  );
}
