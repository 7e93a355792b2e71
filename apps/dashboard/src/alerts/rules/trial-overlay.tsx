import type { AlertSeverity, RuleTrial } from '@booner/protocol';
import clsx from 'clsx';
import type { PointerEvent } from 'react';
import { END_PX, TIME_AXIS_PX, VALUE_AXIS_PX } from '../../charts/time-plot.ts';

/** Space above the plot. */
const TOP_PX = 8;
const SIGNS = { crit: '▲', warn: '◆' } as const;
const NAMES = { crit: 'critical', warn: 'warning' } as const;

export type TrialOverlayProps = {
  readonly fromMs: number;
  readonly toMs: number;
  /** Top of the axis. */
  readonly top: number;
  /** Height of the chart with its axes. */
  readonly heightPx: number;
  readonly episodes: RuleTrial['episodes'];
  readonly thresholds: readonly { readonly severity: AlertSeverity; readonly value: number }[];
  /** A threshold was dragged to a value. */
  readonly onMove: (severity: AlertSeverity, value: number) => void;
};

/** Episodes as bands over the plot of a chart, and thresholds as lines to drag. */
export function TrialOverlay(props: TrialOverlayProps) {
  const { fromMs, toMs, top, heightPx, episodes, thresholds, onMove } = props;
  const plotPx = heightPx - TOP_PX - TIME_AXIS_PX;
  const placeOf = (atMs: number) => Math.min(1, Math.max(0, (atMs - fromMs) / (toMs - fromMs)));
  return (
    <div
      aria-hidden="true"
      className="pointer-events-none absolute border-b border-line"
      style={{ top: TOP_PX, height: plotPx, left: VALUE_AXIS_PX, right: END_PX }}
    >
      {episodes.map(({ device, startedAtMs, endedAtMs, severity }) => {
        const start = placeOf(startedAtMs);
        const end = placeOf(endedAtMs ?? toMs);
        return (
          <div
            key={`${device} ${startedAtMs}`}
            className={clsx(
              'absolute inset-y-0 min-w-0.5 border-t-2',
              severity === 'crit' ? 'border-bad-fill bg-bad-fill/20' : 'border-warn-fill bg-warn-fill/20',
            )}
            style={{ left: `${100 * start}%`, width: `${100 * (end - start)}%` }}
          />
        );
      })}
      {thresholds.map(({ severity, value }) => (
        <ThresholdLine
          key={severity}
          severity={severity}
          place={value / top}
          onMove={(place) => onMove(severity, roundTo(place * top, stepOf(top)))}
        />
      ))}
    </div>
  );
}

type ThresholdLineProps = {
  readonly severity: AlertSeverity;
  /** From the bottom of the plot to its top, 0 to 1. */
  readonly place: number;
  readonly onMove: (place: number) => void;
};

/** Keys move it by its field in the form. */
function ThresholdLine({ severity, place, onMove }: ThresholdLineProps) {
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const plot = event.currentTarget.parentElement!.getBoundingClientRect();
    onMove(Math.min(1, Math.max(0, (plot.bottom - event.clientY) / plot.height)));
  };
  return (
    <div
      className="group pointer-events-auto absolute inset-x-0 -my-2 flex h-4 cursor-ns-resize touch-none items-center pointer-coarse:-my-5 pointer-coarse:h-10"
      style={{ bottom: `${100 * Math.min(1, Math.max(0, place))}%`, translate: '0 50%', margin: 0 }}
      onPointerDown={(event) => {
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={drag}
    >
      <span
        className={clsx(
          'w-full border-t-2 border-dashed group-hover:border-solid',
          severity === 'crit' ? 'border-bad-fill' : 'border-warn-fill',
        )}
      />
      <span
        className={clsx(
          'absolute right-0 rounded-md border bg-panel px-1.5 text-xs',
          severity === 'crit' ? 'border-bad-fill text-bad' : 'border-warn-fill text-warn',
        )}
      >
        {SIGNS[severity]} {NAMES[severity]}
      </span>
    </div>
  );
}

/** A hundredth of the axis, as a round number. */
const stepOf = (top: number): number => 10 ** Math.floor(Math.log10(top / 50));

const roundTo = (value: number, step: number): number => Math.round(value / step) * step;
