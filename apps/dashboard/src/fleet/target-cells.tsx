import type { TargetSummary } from '@booner/protocol';
import type { RankedMetric } from '@booner/protocol/history-metrics';
import clsx from 'clsx';
import { lazy, type ReactNode } from 'react';
import { HostAlertLink } from '../alerts/host-alert-link.tsx';
import {
  formatLoad,
  formatRate,
  formatSpace,
  formatTemperature,
  formatUsedOf,
  UNKNOWN,
} from '../format/numbers.ts';
import { formatUptime } from '../format/times.ts';
import { LazyPart } from '../ui/lazy-part.tsx';
import { PercentBar } from '../ui/percent-bar.tsx';
import { StatusWord } from '../ui/status-word.tsx';
import type { ColumnId } from './fleet-search.ts';
import { SelectBox } from './select-box.tsx';
import { figuresOf } from './target-figures.ts';
import { TargetLink } from './target-link.tsx';
import { TargetNoteWords } from './target-note-words.tsx';
import { notesOf } from './target-notes.ts';
import { TargetRecent } from './target-recent.tsx';
import { TargetSeen } from './target-seen.tsx';
import { TargetWords } from './target-words.tsx';

export type CellProps = {
  readonly target: TargetSummary;
  /** The host was silent lately, so the values are old. */
  readonly isStale: boolean;
  readonly isCompact: boolean;
  /** No label is shown, so notes move next to the host. */
  readonly isUnlabelled: boolean;
  /** The row's link that Tab reaches. */
  readonly isTabStop: boolean;
  /** Metric of the column of 24 hours. */
  readonly trend: RankedMetric;
  /** Absent: targets are not being selected. */
  readonly isSelected?: boolean | undefined;
};

/** Few look at the column of 24 hours. */
const DaySparkline = lazy(async () => ({
  default: (await import('../history/day-sparkline.tsx')).DaySparkline,
}));

type Cell = (props: CellProps) => ReactNode;

/** Content of each column. */
export const TARGET_CELLS: Readonly<Record<ColumnId, Cell>> = {
  status: ({ target, isSelected }) => (
    <span className="flex items-center gap-2">
      {isSelected !== undefined && <SelectBox host={target.host} isSelected={isSelected} />}
      <StatusWord status={target.status} isShort={isSelected !== undefined} />
    </span>
  ),
  host: ({ target, isTabStop, isUnlabelled, isCompact }) => (
    <span className={clsx('flex', isCompact ? 'gap-2' : 'flex-col leading-4')}>
      <TargetLink host={target.host} isTabStop={isTabStop} className="truncate" />
      {isUnlabelled && (
        <span className="flex gap-2">
          <HostAlertLink host={target.host} />
          <TargetNoteWords notes={notesOf(target)} />
        </span>
      )}
    </span>
  ),
  label: ({ target }) => (
    <span className="flex gap-2">
      <HostAlertLink host={target.host} />
      <TargetNoteWords notes={notesOf(target)} />
      <TargetWords target={target} />
    </span>
  ),
  cpu: ({ target, isStale }) => <Share label="CPU" ratio={figuresOf(target).cpuRatio} isStale={isStale} />,
  recent: ({ target, isStale }) => (
    <TargetRecent
      target={target}
      className={clsx('h-6 w-full', isStale || target.status !== 'active' ? 'text-muted' : 'text-accent')}
    />
  ),
  day: ({ target, trend }) => (
    <LazyPart>
      <DaySparkline host={target.host} metric={trend} className="h-6 w-full text-accent" />
    </LazyPart>
  ),
  memory: ({ target, isStale }) => (
    <Share
      label="Memory"
      ratio={figuresOf(target).memoryRatio}
      isStale={isStale}
      detail={formatUsedOf(target.memoryUsedBytes, target.memoryTotalBytes)}
    />
  ),
  disk: ({ target, isStale }) => (
    <Share
      label="Disk"
      ratio={figuresOf(target).diskRatio}
      isStale={isStale}
      detail={formatSpace(target.diskUsedBytes, target.diskAvailableBytes)}
    />
  ),
  network: ({ target, isCompact }) => {
    const { receivedBytesPerSecond, sentBytesPerSecond } = figuresOf(target);
    if (receivedBytesPerSecond === null && sentBytesPerSecond === null) return UNKNOWN;
    return (
      <span className={clsx('flex justify-end', isCompact ? 'gap-3' : 'flex-col text-sm leading-[17px]')}>
        <Rate mark="↓" name="received" bytesPerSecond={receivedBytesPerSecond} />
        <Rate mark="↑" name="sent" bytesPerSecond={sentBytesPerSecond} />
      </span>
    );
  },
  load: ({ target }) => formatLoad(figuresOf(target).load),
  gpu: ({ target, isStale }) =>
    target.gpus?.length === 0 ? (
      <span className="sr-only">no GPU</span>
    ) : (
      <Share
        label="GPU"
        ratio={figuresOf(target).gpuRatio}
        isStale={isStale}
        detail={target.gpus?.map(({ name }) => name).join('\n')}
      />
    ),
  temperature: ({ target }) => formatTemperature(figuresOf(target).temperatureCelsius),
  uptime: ({ target }) => formatUptime(figuresOf(target).uptimeSeconds),
  seen: ({ target }) => <TargetSeen target={target} />,
};

type ShareProps = {
  readonly label: string;
  readonly ratio: number | null;
  readonly isStale: boolean;
  readonly detail?: string | undefined;
};

function Share({ label, ratio, isStale, detail }: ShareProps) {
  return (
    <span title={ratio === null ? undefined : detail}>
      <PercentBar label={label} ratio={ratio} isStale={isStale} />
    </span>
  );
}

type RateProps = { readonly mark: string; readonly name: string; readonly bytesPerSecond: number | null };

function Rate({ mark, name, bytesPerSecond }: RateProps) {
  return (
    <span className="flex min-w-20 justify-end gap-1">
      <span aria-hidden="true" className="text-muted">
        {mark}
      </span>
      <span className="sr-only">{name}</span>
      {formatRate(bytesPerSecond)}
    </span>
  );
}
