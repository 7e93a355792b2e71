import type { Annotation } from '@booner/protocol';
import { Link } from '@tanstack/react-router';
import clsx from 'clsx';
import { type CSSProperties, memo, useMemo } from 'react';
import { END_PX, TIME_AXIS_PX, VALUE_AXIS_PX } from '../charts/time-plot.ts';
import { formatDuration, formatMinute } from '../format/times.ts';
import { groupMarks, type Mark } from './group-marks.ts';

const GAP_PX = 18;
const MAX_SHOWN = 6;
/** Widest text, and half of a mark. */
const TEXT_PX = 288;
const HALF_PX = 8;

const COLORS: Readonly<Record<Annotation['kind'], string>> = {
  offline: 'text-bad',
  online: 'text-good',
  agent_restarted: 'text-muted',
  agent_updated: 'text-muted',
  task: 'text-accent',
  alert: 'font-semibold text-bad',
};
/** The shape tells them apart, too. */
const SIGNS: Readonly<Record<Annotation['kind'], string>> = {
  offline: '✕',
  online: '●',
  agent_restarted: '↻',
  agent_updated: '↑',
  task: '▲',
  alert: '!',
};

export type ChartMarksProps = {
  readonly annotations: readonly Annotation[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly widthPx: number;
  /**
   * Tab reaches the marks. They are the same in all charts of a page, so those of one are enough.
   */
  readonly isReachable: boolean;
};

/** Events as marks on the time axis of a chart, with their texts on hover and focus. */
export const ChartMarks = memo(function ChartMarks(props: ChartMarksProps) {
  const { annotations, fromMs, toMs, widthPx, isReachable } = props;
  const plotPx = widthPx - VALUE_AXIS_PX - END_PX;
  const marks = useMemo(
    () => groupMarks(annotations, { fromMs, toMs }, { widthPx: plotPx, gapPx: GAP_PX }),
    [annotations, fromMs, toMs, plotPx],
  );
  if (plotPx <= 0 || marks.length === 0) return null;
  const list = marks.map((mark) => (
    <OneMark
      key={mark.events[0]?.atMs}
      mark={mark}
      leftPx={VALUE_AXIS_PX + mark.place * plotPx}
      widthPx={widthPx}
      isReachable={isReachable}
    />
  ));
  return isReachable ? <ul aria-label="Events">{list}</ul> : <ul aria-hidden="true">{list}</ul>;
});

type OneMarkProps = {
  readonly mark: Mark;
  readonly leftPx: number;
  /** Width of the chart. */
  readonly widthPx: number;
  readonly isReachable: boolean;
};

function OneMark({ mark: { events }, leftPx, widthPx, isReachable }: OneMarkProps) {
  const [first] = events;
  if (first === undefined) return null;
  const worst = events.find(({ kind }) => kind === 'offline' || kind === 'alert') ?? first;
  const tabIndex = isReachable ? undefined : -1;
  return (
    <li className="group absolute size-0" style={{ left: leftPx, bottom: TIME_AXIS_PX }}>
      <button
        type="button"
        tabIndex={tabIndex}
        aria-label={events.length === 1 ? textOf(first) : `${events.length} events, first: ${textOf(first)}`}
        className={clsx(
          'absolute -bottom-2 -left-2 grid size-4 place-items-center rounded-full border border-line-strong bg-panel text-[9px] leading-none',
          COLORS[worst.kind],
        )}
      >
        {events.length > 1 ? Math.min(events.length, 99) : SIGNS[worst.kind]}
      </button>
      <div
        className="absolute bottom-1.5 z-10 hidden w-max pb-1.5 group-focus-within:block group-hover:block"
        style={placeOf(leftPx, widthPx)}
      >
        <ul className="rounded-md border border-line-strong bg-panel px-3 py-2 text-sm">
          {events.slice(0, MAX_SHOWN).map((event) => (
            <li key={`${event.atMs} ${event.text} ${event.taskId}`} className="break-words">
              <span aria-hidden="true" className={COLORS[event.kind]}>
                {SIGNS[event.kind]}{' '}
              </span>
              <span className="text-muted">{formatMinute(event.atMs)} </span>
              {event.taskId === null ? (
                <span>{event.text}</span>
              ) : (
                <Link
                  to="/dashboard/tasks/$taskId"
                  params={{ taskId: event.taskId }}
                  tabIndex={tabIndex}
                  preload={false}
                  className="text-accent underline underline-offset-2"
                >
                  {event.text}
                </Link>
              )}
              {event.untilMs !== null && (
                <span className="text-muted"> {formatDuration(event.untilMs - event.atMs)}</span>
              )}
            </li>
          ))}
          {events.length > MAX_SHOWN && (
            <li className="text-muted">and {events.length - MAX_SHOWN} more; zoom in to see them</li>
          )}
        </ul>
      </div>
    </li>
  );
}

/** Keeps a text within its chart: beside its mark, or across a narrow chart. */
function placeOf(leftPx: number, widthPx: number): CSSProperties {
  const maxWidth = Math.min(TEXT_PX, widthPx);
  if (leftPx + maxWidth - HALF_PX <= widthPx) return { maxWidth, left: -HALF_PX };
  if (leftPx + HALF_PX >= maxWidth) return { maxWidth, right: -HALF_PX };
  return { maxWidth, left: -leftPx };
}

const textOf = ({ atMs, text }: Annotation): string => `${formatMinute(atMs)}: ${text}`;
