import { useEffect, useMemo, useRef } from 'react';
import { CARD_PX, TargetCard } from './target-card.tsx';
import { isSilent } from './target-figures.ts';
import type { TargetListProps } from './target-list.ts';
import { useRowKeys } from './use-row-keys.ts';
import { useVirtualRows } from './use-virtual-rows.ts';

const GAP_PX = 8;
const MIN_CARD_PX = 300;

export type TargetCardsProps = TargetListProps & { readonly widthPx: number };

/** Targets as cards, in as many columns as fit. Only those in sight are rendered. */
export function TargetCards({
  targets,
  sentAtMs,
  isCompact,
  widthPx,
  focusFirst,
  selection,
}: TargetCardsProps) {
  const list = useRef<HTMLUListElement>(null);
  const hosts = useMemo(() => targets.map(({ host }) => host), [targets]);
  const lanes = Math.max(1, Math.floor((widthPx + GAP_PX) / (MIN_CARD_PX + GAP_PX)));
  const cardPx = (widthPx - (lanes - 1) * GAP_PX) / lanes;
  const keys = useRowKeys({ container: list, hosts, lanes, pageRows: 4, onSelect: selection?.onToggle });
  const { rows, totalPx, virtualizer } = useVirtualRows({
    container: list,
    count: Math.ceil(targets.length / lanes),
    rowPx: isCompact ? CARD_PX.compact : CARD_PX.comfortable,
    gapPx: GAP_PX,
    keptIndex: keys.focused === null ? null : Math.floor(keys.focused / lanes),
  });
  useEffect(() => {
    keys.scrollTo.current = (index) => virtualizer.scrollToIndex(Math.floor(index / lanes));
    focusFirst.current = keys.goToFirst;
  });
  const inSight = rows.flatMap(({ index, startPx }) =>
    targets
      .slice(index * lanes, (index + 1) * lanes)
      .map((target, lane) => ({ target, lane, startPx, index: index * lanes + lane })),
  );

  return (
    <ul
      ref={list}
      data-rows
      aria-label="Targets"
      className="relative"
      style={{ height: totalPx }}
      {...keys.handlers}
    >
      {inSight.map(({ target, lane, startPx, index }) => (
        <TargetCard
          key={target.host}
          target={target}
          index={index}
          isSelected={selection?.hosts.includes(target.host)}
          count={targets.length}
          isStale={isSilent(target, sentAtMs)}
          isCompact={isCompact}
          isTabStop={index === keys.tabStop}
          startPx={startPx}
          leftPx={lane * (cardPx + GAP_PX)}
          widthPx={cardPx}
        />
      ))}
    </ul>
  );
}
