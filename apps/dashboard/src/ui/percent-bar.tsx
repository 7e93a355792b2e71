import { type Severity, severityOf } from '@booner/protocol/severity';
import clsx from 'clsx';
import { formatPercent, UNKNOWN } from '../format/numbers.ts';

const FILLS: Readonly<Record<Severity, string>> = {
  normal: 'bg-accent',
  warn: 'bg-warn-fill',
  bad: 'bg-bad-fill',
};
const TEXTS: Readonly<Record<Severity, string>> = {
  normal: '',
  warn: 'text-warn',
  bad: 'font-semibold text-bad',
};

export type PercentBarProps = {
  readonly ratio: number | null;
  /** Name of the share, for screen readers. */
  readonly label: string;
  readonly className?: string;
  /** The value may be outdated. */
  readonly isStale?: boolean;
};

/** A share as a bar and in whole percent. Amber from 80 %, red and bold from 90 %. */
export function PercentBar({ ratio, label, className, isStale = false }: PercentBarProps) {
  return (
    <span className={clsx('flex items-center gap-2', className)}>
      <Bar ratio={ratio} isStale={isStale} className="min-w-8 flex-1" />
      <span className={clsx('w-11 shrink-0 text-right', textOf(ratio, isStale))}>
        <span className="sr-only">{label} </span>
        {ratio === null ? UNKNOWN : formatPercent(ratio)}
      </span>
    </span>
  );
}

/** A share where space is short: with a visible label, and the bar below. */
export function PercentStack({ ratio, label, className, isStale = false }: PercentBarProps) {
  return (
    <span className={clsx('flex min-w-0 flex-col gap-1', className)}>
      <span className="flex justify-between gap-2">
        <span className="truncate text-muted" title={label}>
          {label}
        </span>
        <span className={textOf(ratio, isStale)}>{ratio === null ? UNKNOWN : formatPercent(ratio)}</span>
      </span>
      <Bar ratio={ratio} isStale={isStale} />
    </span>
  );
}

/** A share in words alone: "CPU 26%". */
export const PercentWord = ({ ratio, label }: Pick<PercentBarProps, 'ratio' | 'label'>) => (
  <span>
    <span className="text-muted">{label} </span>
    <span className={textOf(ratio, false)}>{formatPercent(ratio)}</span>
  </span>
);

type BarProps = { readonly ratio: number | null; readonly isStale: boolean; readonly className?: string };

const Bar = ({ ratio, isStale, className }: BarProps) => (
  <span className={clsx('block h-2 overflow-hidden rounded-full bg-raised', className)} aria-hidden="true">
    {ratio !== null && (
      <span
        className={clsx(
          'block h-full origin-left rounded-full',
          isStale ? 'bg-line-strong' : FILLS[severityOf(ratio)],
        )}
        style={{ transform: `scaleX(${Math.min(1, Math.max(0, ratio))})` }}
      />
    )}
  </span>
);

const textOf = (ratio: number | null, isStale: boolean): string =>
  isStale ? 'text-muted' : TEXTS[severityOf(ratio)];
