import { Link } from '@tanstack/react-router';
import clsx from 'clsx';
import { Bell } from 'lucide-react';
import { formatCount } from '../format/numbers.ts';
import { useOutage } from '../live/use-outage.ts';
import { useAlertCounts } from './use-open-alerts.ts';

/**
 * Number of alerts that nobody has and nothing mutes. Critical ones are red; without any, the
 * number of warnings is shown.
 */
export function AlertBell() {
  const { critical, warning } = useAlertCounts() ?? { critical: 0, warning: 0 };
  const isOld = useOutage() !== null;
  const count = critical > 0 ? critical : warning;
  return (
    <Link
      to="/dashboard/alerts"
      activeOptions={{ includeSearch: false }}
      title={bellText(critical, warning)}
      className="relative inline-flex size-8 shrink-0 items-center justify-center rounded-md text-muted hover:bg-raised hover:text-ink max-sm:size-10 pointer-coarse:size-10 data-[status=active]:bg-raised data-[status=active]:text-ink"
    >
      <Bell size={18} aria-hidden="true" />
      <span className="sr-only">{bellText(critical, warning)}</span>
      {count > 0 && (
        <span
          aria-hidden="true"
          className={clsx(
            'absolute top-0 left-1/2 min-w-4 rounded-full px-1 text-center text-[11px] leading-4 font-semibold pointer-coarse:top-1',
            critical > 0 && !isOld
              ? 'bg-bad-solid text-on-bad'
              : 'border border-line-strong bg-raised text-ink',
          )}
        >
          {count > 99 ? '99+' : formatCount(count)}
        </span>
      )}
    </Link>
  );
}

/** Says what the bell counts. */
function bellText(critical: number, warning: number): string {
  const parts = [
    critical > 0 && `${formatCount(critical)} critical`,
    warning > 0 && `${formatCount(warning)} ${warning === 1 ? 'warning' : 'warnings'}`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? 'Alerts' : `Alerts: ${parts.join(', ')}`;
}
