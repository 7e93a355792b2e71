import { Link } from '@tanstack/react-router';
import { formatRange } from '../format/times.ts';
import { RANGES } from './history-search.ts';

export type RangePickerProps = {
  /** Default: all ranges of a history. */
  readonly ranges?: readonly string[];
  /** `null`: a span that has no name. */
  readonly chosen: string | null;
  /** The range without which the URL is shortest. */
  readonly usual: string;
};

/** Selects the range of the page's charts. A range from elsewhere is added to the choices. */
export function RangePicker({ ranges = RANGES, chosen, usual }: RangePickerProps) {
  const all = chosen === null || ranges.includes(chosen) ? ranges : [...ranges, chosen];
  return (
    <nav
      aria-label="Time range"
      className="inline-flex max-w-full overflow-clip rounded-md border border-line bg-panel"
    >
      {all.map((range) => (
        <Link
          key={range}
          to="."
          search={
            ((before: object) => ({
              ...before,
              range: range === usual ? undefined : range,
              from: undefined,
              to: undefined,
            })) as never
          }
          replace
          resetScroll={false}
          aria-current={range === chosen ? 'true' : undefined}
          data-chosen={range === chosen ? '' : undefined}
          className="inline-flex h-8 min-w-12 items-center justify-center px-2 whitespace-nowrap text-muted -outline-offset-2 hover:text-ink data-chosen:bg-raised data-chosen:font-semibold data-chosen:text-ink max-sm:min-w-10 pointer-coarse:h-10"
        >
          {formatRange(range)}
        </Link>
      ))}
    </nav>
  );
}
