import type { RankedMetric } from '@booner/protocol/history-metrics';
import { Link } from '@tanstack/react-router';
import { MAX_COMPARED } from '../history/compare-search.ts';
import { Button, buttonClass } from '../ui/button.tsx';

export type SelectionBarProps = {
  readonly hosts: readonly string[];
  readonly metric: RankedMetric | undefined;
  readonly onCancel: () => void;
};

/** The targets that are being selected for a comparison. */
export function SelectionBar({ hosts, metric, onCancel }: SelectionBarProps) {
  return (
    <div className="sticky top-(--header-height) z-20 flex flex-wrap items-center gap-2 rounded-md border border-accent bg-panel px-3 py-2">
      <p role="status" className="mr-auto">
        {hosts.length === 0
          ? `Select up to ${MAX_COMPARED} targets to compare.`
          : `${hosts.length} of at most ${MAX_COMPARED} selected.`}
      </p>
      {hosts.length > 0 && (
        <Link
          to="/dashboard/compare"
          search={{ hosts: hosts.join(), metric }}
          className={buttonClass('primary')}
        >
          Compare {hosts.length}
        </Link>
      )}
      <Button onClick={onCancel}>Cancel</Button>
    </div>
  );
}
