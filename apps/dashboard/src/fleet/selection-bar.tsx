import type { TargetSummary } from '@booner/protocol';
import type { RankedMetric } from '@booner/protocol/history-metrics';
import { Link } from '@tanstack/react-router';
import { ChartLine, Tags } from 'lucide-react';
import { lazy, useMemo, useState } from 'react';
import { formatCount } from '../format/numbers.ts';
import { MAX_COMPARED } from '../history/compare-search.ts';
import { Button, buttonClass } from '../ui/button.tsx';
import { LazyPart } from '../ui/lazy-part.tsx';

const BulkLabelsDialog = lazy(async () => ({
  default: (await import('../labels/bulk-labels-dialog.tsx')).BulkLabelsDialog,
}));

/** All buttons fit into one line of a phone. */
const narrowClass = 'max-sm:px-2';

export type SelectionBarProps = {
  readonly hosts: readonly string[];
  /** All targets. */
  readonly targets: readonly TargetSummary[];
  readonly metric: RankedMetric | undefined;
  /** The hub keeps a history that can be compared. */
  readonly canCompare: boolean;
  readonly canLabel: boolean;
  /** Selects the targets that match the filters, in addition to those that are selected. */
  readonly onSelectAll: () => void;
  readonly onCancel: () => void;
};

/** What can be done with the targets that are being selected. */
export function SelectionBar({
  hosts,
  targets,
  metric,
  canCompare,
  canLabel,
  onSelectAll,
  onCancel,
}: SelectionBarProps) {
  const [isLabelling, setLabelling] = useState(false);
  const selected = useMemo(() => {
    const wanted = new Set(hosts);
    return targets.filter(({ host }) => wanted.has(host));
  }, [hosts, targets]);
  const isTooMany = hosts.length > MAX_COMPARED;
  return (
    <div className="sticky top-(--header-height) z-20 flex flex-wrap items-center gap-2 rounded-md border border-accent bg-panel px-3 py-2">
      <p role="status" className="mr-auto max-sm:basis-full">
        {hosts.length === 0 ? 'Select targets.' : `${formatCount(hosts.length)} selected.`}
        {canCompare && isTooMany && ` At most ${MAX_COMPARED} can be compared.`}
      </p>
      <Button onClick={onSelectAll} className={narrowClass}>
        Select all
      </Button>
      {canCompare && hosts.length > 0 && !isTooMany && (
        <Link
          to="/dashboard/compare"
          search={{ hosts: hosts.join(), metric }}
          className={buttonClass('primary', narrowClass)}
        >
          <ChartLine size={16} aria-hidden="true" className="max-sm:hidden" />
          Compare {hosts.length}
        </Link>
      )}
      {canLabel && selected.length > 0 && (
        <Button onClick={() => setLabelling(true)} className={narrowClass}>
          <Tags size={16} aria-hidden="true" className="max-sm:hidden" />
          Labels
        </Button>
      )}
      <Button onClick={onCancel} className={narrowClass}>
        Cancel
      </Button>
      {isLabelling && (
        <LazyPart>
          <BulkLabelsDialog targets={selected} onClose={() => setLabelling(false)} />
        </LazyPart>
      )}
    </div>
  );
}
