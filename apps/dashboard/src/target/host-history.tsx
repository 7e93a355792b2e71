import type { Measurements } from '@booner/protocol';
import { HISTORY_RANGES_MS } from '@booner/protocol/limits';
import { useBoonerClient } from '@booner/react';
import { useNavigate, useRouter, useRouterState } from '@tanstack/react-router';
import { ArrowLeft, GitCompareArrows } from 'lucide-react';
import { useCallback, useMemo } from 'react';
import { type TimeSpan, ZoomContext } from '../charts/zoom-context.ts';
import { formatClock, formatMinute } from '../format/times.ts';
import { CustomRange } from '../history/custom-range.tsx';
import {
  DEFAULT_RANGE,
  type HostHistorySearch,
  LIVE_RANGES,
  rangeMsOf,
  readZoom,
  shownRange,
} from '../history/history-search.ts';
import { RangePicker } from '../history/range-picker.tsx';
import { useRecording } from '../history/recording-query.ts';
import { StoredCharts } from '../history/stored-charts.tsx';
import { Button } from '../ui/button.tsx';
import { useEachSecond } from '../ui/use-now.ts';
import { ChartGrid, TargetCharts } from './target-charts.tsx';

export type HostHistoryProps = {
  /** `null`: the main server. */
  readonly host: string | null;
  /** The last sample; `null` while unknown. */
  readonly sample: Measurements | null;
  readonly search: HostHistorySearch;
  /** The host exists, so its history can be read. */
  readonly isKnown: boolean;
};

declare module '@tanstack/react-router' {
  interface HistoryState {
    /** Number of zooms that the browser's Back ends. */
    zooms?: number;
  }
}

/** The charts of a host, and the controls of their range. The URL has all of it. */
export function HostHistory({ host, sample, search, isKnown }: HostHistoryProps) {
  const client = useBoonerClient();
  const router = useRouter();
  const navigate = useNavigate();
  const recording = useRecording();
  const isKept = recording?.state !== 'off';
  const { range = DEFAULT_RANGE, from, to, compare, chart } = search;
  const zoom = useMemo(() => readZoom(from, to), [from, to]);
  const now = () => shownRange({ range, from, to }, { nowMs: client.hubNowMs(), isKept });
  // A part of the last minutes becomes one of the stored history as time passes.
  const type = useEachSecond(() => now().type);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the type stands for the current time
  const shown = useMemo(now, [range, from, to, client, isKept, type]);
  const zooms = useRouterState({ select: ({ location }) => location.state.zooms ?? 0 });
  const go = useCallback(
    (change: Partial<HostHistorySearch>, options: { replace?: boolean; zooms?: number } = {}) =>
      void navigate({
        to: '.',
        search: ((before: object) => ({ ...before, ...change })) as never,
        replace: options.replace ?? false,
        state: (before) => ({ ...before, zooms: options.zooms ?? before.zooms ?? 0 }),
        resetScroll: false,
      }),
    [navigate],
  );
  // Not a replacement: the browser's Back ends the zoom.
  const setZoom = useCallback(
    (span: TimeSpan | null) => {
      if (span === null) go({ from: undefined, to: undefined }, { zooms: 0 });
      else go({ from: Math.round(span.fromMs), to: Math.round(span.toMs) }, { zooms: zooms + 1 });
    },
    [go, zooms],
  );
  const openChart = useCallback((id: string | undefined) => go({ chart: id }, { replace: true }), [go]);
  const isStored = shown.type === 'stored';
  return (
    <>
      <div className="sticky top-(--header-height) z-20 -my-2 flex flex-wrap items-center gap-2 bg-page py-2">
        <RangePicker
          ranges={isKept ? undefined : LIVE_RANGES}
          chosen={isKept && zoom !== null && isStored ? null : range}
          usual={DEFAULT_RANGE}
        />
        {isKept && <CustomRange span={spanOf(zoom, range, client.hubNowMs())} onChoose={setZoom} />}
        {isStored && (
          <Button
            aria-pressed={compare === 'before'}
            onClick={() => go({ compare: compare === 'before' ? undefined : 'before' }, { replace: true })}
            className="aria-pressed:bg-raised aria-pressed:font-semibold max-sm:px-2.5"
          >
            <GitCompareArrows size={16} aria-hidden="true" />
            <span className="max-sm:sr-only">Compare with the period before</span>
          </Button>
        )}
        {zoom !== null && zooms > 0 && (
          <Button onClick={() => router.history.back()}>
            <ArrowLeft size={16} aria-hidden="true" />
            Back
          </Button>
        )}
        {zoom !== null && <ZoomReset zoom={zoom} isStored={isStored} onReset={() => setZoom(null)} />}
        {!isKept && (
          <p className="text-sm text-muted">
            This hub keeps the last 15 minutes only, because <code>BOONER_HISTORY_DIR</code> is off.
          </p>
        )}
      </div>
      <ZoomContext value={setZoom}>
        {!isKnown && <ChartGrid history={null} range={DEFAULT_RANGE} sample={null} />}
        {isKnown && shown.type === 'live' && (
          <TargetCharts key={host} host={host} range={shown.range} zoom={shown.zoom} sample={sample} />
        )}
        {isKnown && shown.type === 'stored' && (
          <StoredCharts
            key={host}
            host={host}
            span={shown.span}
            isCompared={compare === 'before'}
            openChart={chart}
            onOpenChart={openChart}
            fileName={host ?? 'main-server'}
          />
        )}
      </ZoomContext>
    </>
  );
}

function spanOf(zoom: TimeSpan | null, range: string, nowMs: number): TimeSpan {
  if (zoom !== null) return zoom;
  return { fromMs: nowMs - (rangeMsOf(range) ?? HISTORY_RANGES_MS[DEFAULT_RANGE]), toMs: nowMs };
}

type ZoomResetProps = {
  readonly zoom: TimeSpan;
  readonly isStored: boolean;
  readonly onReset: () => void;
};

/** Names the span that the charts show, and ends that. */
function ZoomReset({ zoom: { fromMs, toMs }, isStored, onReset }: ZoomResetProps) {
  const format = isStored ? formatMinute : formatClock;
  return (
    <Button onClick={onReset} className="max-sm:h-auto! max-sm:flex-wrap max-sm:py-1.5">
      <span className="sr-only">Showing </span>
      {format(fromMs)} – {format(toMs)}
      <span className="font-semibold text-accent">Reset zoom</span>
    </Button>
  );
}
