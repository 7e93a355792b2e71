import clsx from 'clsx';
import { formatPercent, UNKNOWN } from '../format/numbers.ts';
import { type Severity, severityOf } from '../format/severity.ts';

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
  /** What it is a share of, for who does not see the bar. */
  readonly label: string;
  readonly className?: string;
};

/** A share as a bar and in whole percent. Amber from 80 %, red and bold from 90 %. */
export function PercentBar({ ratio, label, className }: PercentBarProps) {
  const severity = severityOf(ratio);
  return (
    <span className={clsx('flex items-center gap-2', className)}>
      <span className="h-2 min-w-8 flex-1 overflow-hidden rounded-full bg-raised" aria-hidden="true">
        {ratio !== null && (
          <span
            className={clsx('block h-full origin-left rounded-full', FILLS[severity])}
            style={{ transform: `scaleX(${Math.min(1, Math.max(0, ratio))})` }}
          />
        )}
      </span>
      <span className={clsx('w-10 shrink-0 text-right', TEXTS[severity])}>
        <span className="sr-only">{label} </span>
        {ratio === null ? UNKNOWN : formatPercent(ratio)}
      </span>
    </span>
  );
}
