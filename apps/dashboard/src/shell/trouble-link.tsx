import { Link } from '@tanstack/react-router';
import clsx from 'clsx';
import { useTroubleCount } from '../fleet/use-ranked-targets.ts';
import { formatCount } from '../format/numbers.ts';
import { useOutage } from '../live/use-outage.ts';

/** Leads to the targets in trouble. Last in its row, so that nothing moves when it appears. */
export function TroubleLink() {
  const count = useTroubleCount();
  const isOld = useOutage() !== null;
  if (count === 0) return null;
  return (
    <Link
      to="/"
      search={{ status: 'trouble' }}
      aria-label={`${formatCount(count)} in trouble`}
      className="inline-flex h-8 items-center px-1 max-sm:h-10 pointer-coarse:h-10"
    >
      <span
        className={clsx(
          'min-w-5 rounded-full px-1.5 text-center text-xs leading-5 font-semibold whitespace-nowrap sm:px-2.5',
          isOld ? 'bg-raised text-muted' : 'bg-bad-solid text-on-bad',
        )}
      >
        {count > 99 ? '99+' : formatCount(count)}
        <span className="max-sm:hidden"> in trouble</span>
      </span>
    </Link>
  );
}
