import type { TargetSummary } from '@booner/protocol';
import clsx from 'clsx';
import { type CSSProperties, memo, type ReactNode } from 'react';
import { HostAlertLink } from '../alerts/host-alert-link.tsx';
import { formatLoad, formatPercent, formatRate, formatTemperature } from '../format/numbers.ts';
import { formatUptime } from '../format/times.ts';
import { PercentStack } from '../ui/percent-bar.tsx';
import { StatusWord } from '../ui/status-word.tsx';
import { SelectBox } from './select-box.tsx';
import { figuresOf } from './target-figures.ts';
import { TargetLink } from './target-link.tsx';
import { TargetNoteWords } from './target-note-words.tsx';
import { notesOf } from './target-notes.ts';
import { TargetRecent } from './target-recent.tsx';
import { standsOut } from './target-row.tsx';
import { TargetSeen } from './target-seen.tsx';
import { TargetWords } from './target-words.tsx';

export type TargetCardProps = {
  readonly target: TargetSummary;
  readonly index: number;
  readonly count: number;
  readonly isStale: boolean;
  readonly isCompact: boolean;
  readonly isTabStop: boolean;
  /** Absent: targets are not being selected. */
  readonly isSelected?: boolean | undefined;
  readonly startPx: number;
  readonly leftPx: number;
  readonly widthPx: number;
};

/** Heights of a card. They are fixed, so that nothing jumps while scrolling. */
export const CARD_PX = { comfortable: 166, compact: 118 } as const;

/** One target as a card. */
export const TargetCard = memo(function TargetCard(props: TargetCardProps) {
  const { target, isStale, isCompact } = props;
  const figures = figuresOf(target);
  const isInactive = target.status !== 'active';
  return (
    <li
      data-host={target.host}
      aria-setsize={props.count}
      aria-posinset={props.index + 1}
      style={placeOf(props)}
      className={clsx(
        'absolute top-0 left-0 flex cursor-pointer flex-col gap-2 overflow-hidden rounded-md border p-3',
        'has-[a:focus-visible]:outline-2 has-[a:focus-visible]:outline-accent',
        standsOut(props) ? 'border-bad-fill bg-bad-wash' : 'border-line bg-panel hover:border-line-strong',
        isStale && 'text-muted',
      )}
    >
      <div className="flex items-center gap-2">
        {props.isSelected !== undefined && <SelectBox host={target.host} isSelected={props.isSelected} />}
        <span className="live-value">
          <StatusWord status={target.status} isShort={!isInactive} />
        </span>
        <TargetLink
          host={target.host}
          isTabStop={props.isTabStop}
          className="min-w-0 flex-1 truncate text-ink"
        />
        <TargetSeen target={target} className="live-value shrink-0 text-sm text-muted" />
      </div>
      <div className="live-value flex h-6 items-center gap-2 text-sm">
        <span className="flex min-w-0 flex-1 gap-2">
          <HostAlertLink host={target.host} />
          <TargetNoteWords notes={notesOf(target)} />
          <TargetWords target={target} />
        </span>
        <TargetRecent
          target={target}
          className={clsx('h-6 w-24 shrink-0', isStale || isInactive ? 'text-muted' : 'text-accent')}
        />
      </div>
      <div className="live-value grid grid-cols-3 gap-4 text-sm">
        <PercentStack label="CPU" ratio={figures.cpuRatio} isStale={isStale} />
        <PercentStack label="RAM" ratio={figures.memoryRatio} isStale={isStale} />
        <PercentStack label="Disk" ratio={figures.diskRatio} isStale={isStale} />
      </div>
      {!isCompact && (
        <dl className="live-value mt-1 grid grid-cols-3 gap-x-4 gap-y-1 text-xs">
          <Figure name="↓" spoken="Received">
            {formatRate(figures.receivedBytesPerSecond)}
          </Figure>
          <Figure name="↑" spoken="Sent">
            {formatRate(figures.sentBytesPerSecond)}
          </Figure>
          <Figure name="Load">{formatLoad(figures.load)}</Figure>
          <Figure name="Temp">{formatTemperature(figures.temperatureCelsius)}</Figure>
          <Figure name="GPU">{target.gpus?.length === 0 ? 'none' : formatPercent(figures.gpuRatio)}</Figure>
          <Figure name="Up">{formatUptime(figures.uptimeSeconds)}</Figure>
        </dl>
      )}
    </li>
  );
});

function placeOf({ startPx, leftPx, widthPx, isCompact }: TargetCardProps): CSSProperties {
  return {
    transform: `translate(${leftPx}px, ${startPx}px)`,
    width: widthPx,
    height: isCompact ? CARD_PX.compact : CARD_PX.comfortable,
  };
}

type FigureProps = { readonly name: string; readonly spoken?: string; readonly children: ReactNode };

const Figure = ({ name, spoken, children }: FigureProps) => (
  <div className="flex justify-between gap-1 whitespace-nowrap">
    <dt className="text-muted">
      {spoken === undefined ? (
        name
      ) : (
        <>
          <span aria-hidden="true">{name}</span>
          <span className="sr-only">{spoken}</span>
        </>
      )}
    </dt>
    <dd>{children}</dd>
  </div>
);
