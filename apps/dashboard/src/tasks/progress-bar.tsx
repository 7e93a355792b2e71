import clsx from 'clsx';
import { formatPercent } from '../format/numbers.ts';

export type ProgressBarProps = {
  /** 0 to 100. */
  readonly percent: number;
  readonly label: string;
  readonly isLarge?: boolean;
  readonly className?: string;
};

/** Progress of a task. Unlike the usage of a resource, a high value is good. */
export function ProgressBar({ percent, label, isLarge = false, className }: ProgressBarProps) {
  return (
    <span className={clsx('live-value flex items-center gap-2', className)}>
      <span
        role="progressbar"
        aria-label={label}
        aria-valuenow={percent}
        aria-valuemin={0}
        aria-valuemax={100}
        className={clsx(
          'min-w-8 flex-1 overflow-hidden rounded-full border border-line bg-raised',
          isLarge ? 'h-3' : 'h-2',
        )}
      >
        <span
          className="block h-full origin-left bg-accent transition-transform duration-150"
          style={{ transform: `scaleX(${percent / 100})` }}
        />
      </span>
      <span className="w-10 shrink-0 text-right" aria-hidden="true">
        {formatPercent(percent / 100)}
      </span>
    </span>
  );
}
