import { HISTORY_RANGES_MS } from '@booner/protocol/limits';
import { Link } from '@tanstack/react-router';
import type { TimeSpan } from '../charts/zoom-context.ts';
import { formatClock, formatDuration } from '../format/times.ts';
import { Button } from '../ui/button.tsx';
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

export type ZoomResetProps = { readonly zoom: TimeSpan; readonly onReset: () => void };

/** Names the part of the range that the charts show, and ends that. */
export function ZoomReset({ zoom: { fromMs, toMs }, onReset }: ZoomResetProps) {
  return (
    <Button onClick={onReset}>
      <span className="sr-only">Showing </span>
      {formatClock(fromMs)} – {formatClock(toMs)}
      <span className="font-semibold text-accent">Reset zoom</span>
    </Button>
  );
}
