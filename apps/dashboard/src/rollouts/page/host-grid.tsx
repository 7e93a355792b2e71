import type { Rollout, RolloutHost } from '@booner/protocol';
import { useRouter } from '@tanstack/react-router';
import clsx from 'clsx';
import {
  type FocusEvent,
  type KeyboardEvent,
  type MouseEvent,
  memo,
  type PointerEvent,
  useEffect,
  useMemo,
  useState,
} from 'react';
import { formatCount } from '../../format/numbers.ts';
import { MAX_NAMED_BATCHES } from '../rollout-status.ts';
import type { RolloutSearch } from '../rollouts-search.ts';
import { CellTip, type TipPlace } from './cell-tip.tsx';
import { HostCell } from './host-cell.tsx';
import { moveInGrid } from './move-in-grid.ts';

/** Instead of `live-value`, which would give the marks in solid cells the color of text. */
export const STALE_GRAY = '[[data-stale=true]_&]:grayscale';

export type HostGridProps = {
  readonly rollout: Rollout;
  /** Only cells of this status stand out. */
  readonly status: RolloutSearch['status'];
};

/**
 * A cell for each host, by batch. Arrow keys move between the cells. One listener of each kind
 * serves all cells.
 */
export function HostGrid({ rollout, status }: HostGridProps) {
  const router = useRouter();
  const { hosts } = rollout;
  const [currentIndex, setCurrentIndex] = useState(0);
  const { tip, showTip, hideTip } = useTip();
  const batches = useMemo(() => [...Map.groupBy(hosts, ({ batch }) => batch)], [hosts]);
  const isCompact = batches.length > MAX_NAMED_BATCHES;
  const tipped = tip === null ? undefined : hosts[tip.index];

  const onPointerOver = ({ target, pointerType }: PointerEvent) => {
    const cell = cellOf(target);
    if (pointerType === 'mouse' && cell !== null) showTip(cell);
  };
  const onFocus = ({ target }: FocusEvent) => {
    const cell = cellOf(target);
    if (cell === null) return;
    setCurrentIndex(Number(cell.dataset.index));
    if (cell.matches(':focus-visible')) showTip(cell);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.key === 'Escape') return hideTip();
    moveInGrid(event);
  };
  const onClick = (event: MouseEvent) => {
    const href = cellOf(event.target)?.getAttribute('href');
    if (
      href == null ||
      event.button !== 0 ||
      event.ctrlKey ||
      event.metaKey ||
      event.shiftKey ||
      event.altKey
    )
      return;
    event.preventDefault();
    router.history.push(href);
  };
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: handles events of the links within */}
      <div
        className={clsx('flex flex-wrap gap-y-3', STALE_GRAY, isCompact ? 'gap-x-2' : 'gap-x-4')}
        data-host-grid
        onPointerOver={onPointerOver}
        onPointerLeave={hideTip}
        onFocus={onFocus}
        onBlur={hideTip}
        onKeyDown={onKeyDown}
        onClick={onClick}
      >
        {batches.map(([batch, ofBatch]) => (
          <Batch
            key={batch}
            batch={batch}
            hosts={ofBatch}
            isPresent={batch === rollout.batch}
            isCompact={isCompact}
            currentIndex={ofBatch.some(({ index }) => index === currentIndex) ? currentIndex : -1}
            status={status}
          />
        ))}
      </div>
      {tip !== null && tipped !== undefined && <CellTip host={tipped} place={tip} />}
    </>
  );
}

/** The cell that is described, if any. Its description follows it when the page scrolls. */
function useTip() {
  const [tip, setTip] = useState<TipPlace | null>(null);
  const [cell, setCell] = useState<HTMLElement | null>(null);
  useEffect(() => {
    if (cell === null) return;
    const follow = () => setTip(placeOf(cell));
    addEventListener('resize', follow);
    addEventListener('scroll', follow, { capture: true, passive: true });
    return () => {
      removeEventListener('resize', follow);
      removeEventListener('scroll', follow, { capture: true });
    };
  }, [cell]);
  return {
    tip,
    showTip: (next: HTMLElement) => {
      setCell(next);
      setTip(placeOf(next));
    },
    hideTip: () => {
      setCell(null);
      setTip(null);
    },
  };
}

function placeOf(cell: HTMLElement): TipPlace {
  const { left, top, bottom } = cell.getBoundingClientRect();
  return { index: Number(cell.dataset.index), left, top, bottom };
}

const cellOf = (target: EventTarget): HTMLElement | null =>
  target instanceof Element ? target.closest<HTMLElement>('[data-index]') : null;

type BatchProps = {
  readonly batch: number;
  readonly hosts: readonly RolloutHost[];
  /** The rollout is at this batch. */
  readonly isPresent: boolean;
  /** Only its number is shown above it. */
  readonly isCompact: boolean;
  /** Index of the cell that Tab reaches; -1: it is in another batch. */
  readonly currentIndex: number;
  readonly status: RolloutSearch['status'];
};

const Batch = memo(
  function Batch({ batch, hosts, isPresent, isCompact, currentIndex, status }: BatchProps) {
    const name = `Batch ${batch + 1}`;
    const count = `${formatCount(hosts.length)} ${hosts.length === 1 ? 'host' : 'hosts'}`;
    return (
      <fieldset aria-label={`${name}, ${count}`} className="min-w-0">
        <p
          className={clsx(
            'mb-1 text-sm whitespace-nowrap',
            isPresent ? 'font-semibold text-ink' : 'text-muted',
          )}
        >
          {isCompact ? (
            batch + 1
          ) : (
            <>
              {name}
              <span className="font-normal text-muted"> · {count}</span>
            </>
          )}
        </p>
        <div className="flex flex-wrap gap-[3px] pointer-coarse:gap-1.5">
          {hosts.map((host) => (
            <HostCell
              key={host.index}
              host={host}
              isCurrent={host.index === currentIndex}
              isDim={status !== undefined && host.status !== status}
            />
          ))}
        </div>
      </fieldset>
    );
  },
  (before, next) =>
    before.isPresent === next.isPresent &&
    before.isCompact === next.isCompact &&
    before.currentIndex === next.currentIndex &&
    before.status === next.status &&
    before.hosts.length === next.hosts.length &&
    before.hosts.every((host, index) => host === next.hosts[index]),
);
