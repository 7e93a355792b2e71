import type { RolloutHead } from '@booner/protocol';
import clsx from 'clsx';
import { formatCount } from '../../format/numbers.ts';
import { HOST_STATUSES } from '../rollout-status.ts';
import type { RolloutSearch } from '../rollouts-search.ts';
import { HOST_LOOKS } from '../status-words.tsx';

export type HostLegendProps = {
  readonly counts: RolloutHead['counts'];
  readonly chosen: RolloutSearch['status'];
  readonly onChoose: (status: RolloutSearch['status']) => void;
};

/** What the cells mean, with the number of hosts. Each entry is a filter. */
export function HostLegend({ counts, chosen, onChoose }: HostLegendProps) {
  return (
    <fieldset aria-label="Status of hosts" className="grid grid-cols-4 gap-1 sm:flex sm:flex-wrap">
      {HOST_STATUSES.map((status) => {
        const { mark, word, cell } = HOST_LOOKS[status];
        const isChosen = status === chosen;
        return (
          <button
            key={status}
            type="button"
            aria-pressed={isChosen}
            onClick={() => onChoose(isChosen ? undefined : status)}
            className={clsx(
              'flex h-12 min-w-0 flex-col items-center justify-center gap-0.5 rounded-md border px-1 text-xs sm:h-8 sm:flex-row sm:gap-2 sm:px-2 sm:text-sm pointer-coarse:sm:h-10',
              isChosen ? 'border-accent bg-raised' : 'border-line bg-panel hover:bg-raised',
            )}
          >
            <span className="flex items-center gap-1.5">
              <span
                aria-hidden="true"
                className={clsx(
                  'flex size-4 items-center justify-center rounded-sm border text-[10px] leading-none',
                  cell,
                )}
              >
                {mark}
              </span>
              <span className="max-sm:hidden">{word}</span>
              <span className="min-w-4 font-semibold sm:min-w-7 sm:text-right">
                {formatCount(counts[status] ?? 0)}
              </span>
            </span>
            <span className="sm:hidden">{word}</span>
          </button>
        );
      })}
    </fieldset>
  );
}
