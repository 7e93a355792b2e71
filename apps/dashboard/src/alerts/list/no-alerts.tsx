import { Link } from '@tanstack/react-router';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Panel } from '../../ui/panel.tsx';

export type NoAlertsProps = {
  readonly isFiltered: boolean;
  /** Open alerts that are acknowledged, muted or filtered out. */
  readonly others: number;
  readonly onClear: () => void;
};

/** Replaces the firing alerts while there are none. */
export function NoAlerts({ isFiltered, others, onClear }: NoAlertsProps) {
  if (isFiltered) {
    return (
      <Panel>
        <EmptyState title="No firing alerts match these filters">
          <Button onClick={onClear}>Clear filters</Button>
        </EmptyState>
      </Panel>
    );
  }
  return (
    <Panel>
      <EmptyState title="Nothing is firing">
        {others > 0
          ? 'All open alerts are acknowledged or muted.'
          : 'Alerts appear here when a host goes offline, a disk fills up or a task fails.'}{' '}
        <Link to="/dashboard/alerts/rules" className="text-accent underline underline-offset-2">
          Rules
        </Link>{' '}
        say what is watched, and{' '}
        <Link to="/dashboard/alerts/channels" className="text-accent underline underline-offset-2">
          channels
        </Link>{' '}
        who is notified.
      </EmptyState>
    </Panel>
  );
}
