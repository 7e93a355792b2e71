import { HISTORY_RANGES_MS } from '@booner/protocol/limits';
import { Link } from '@tanstack/react-router';
import { formatDuration } from '../format/times.ts';
import { DEFAULT_RANGE, RANGES } from './target-search.ts';

export type RangePickerProps = { readonly host: string; readonly range: (typeof RANGES)[number] };

/** Selects the range of the page's charts. */
export function RangePicker({ host, range }: RangePickerProps) {
  return (
    <nav aria-label="Time range" className="inline-flex overflow-clip rounded-md border border-line bg-panel">
      {RANGES.map((each) => (
        <Link
          key={each}
          to="/dashboard/targets/$host"
          params={{ host }}
          search={{ range: each === DEFAULT_RANGE ? undefined : each }}
          replace
          resetScroll={false}
          activeOptions={{ exact: true, explicitUndefined: true }}
          data-chosen={each === range ? '' : undefined}
          className="inline-flex h-8 min-w-12 items-center justify-center px-2 whitespace-nowrap text-muted -outline-offset-2 hover:text-ink data-chosen:bg-raised data-chosen:font-semibold data-chosen:text-ink pointer-coarse:h-10"
        >
          {formatDuration(HISTORY_RANGES_MS[each])}
        </Link>
      ))}
    </nav>
  );
}
