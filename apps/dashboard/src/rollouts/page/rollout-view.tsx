import { getRouteApi, Link } from '@tanstack/react-router';
import { useOutage } from '../../live/use-outage.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Panel } from '../../ui/panel.tsx';
import { useTitle } from '../../ui/use-title.ts';
import type { RolloutSearch } from '../rollouts-search.ts';
import { useRollout } from '../use-rollout.ts';
import { FailureGroups } from './failure-groups.tsx';
import { HostGrid, STALE_GRAY } from './host-grid.tsx';
import { HostLegend } from './host-legend.tsx';
import { RolloutCommands } from './rollout-commands.tsx';
import { RolloutHeader } from './rollout-header.tsx';

const route = getRouteApi('/dashboard/rollouts/$rolloutId');

/** One rollout: all its hosts at once, live, and what failed. */
export function RolloutView() {
  const { rolloutId } = route.useParams();
  const { status } = route.useSearch();
  const navigate = route.useNavigate();
  const { rollout, error, isUnknown, onDirected } = useRollout(rolloutId);
  const isCutOff = useOutage() !== null;
  useTitle(rollout === null ? 'Rollout' : `Rollout of ${rollout.request.action}`);
  const filter = (next: RolloutSearch['status']) =>
    void navigate({ search: { status: next }, replace: true, resetScroll: false });
  if (isUnknown) {
    return (
      <EmptyState title="Rollout not found" isPage>
        <p className="mb-4">It never existed, or it ended so long ago that the hub no longer keeps it.</p>
        <Link to="/dashboard/rollouts" className={buttonClass('primary')}>
          Go to rollouts
        </Link>
      </EmptyState>
    );
  }
  if (rollout === null) {
    return error === null ? (
      <p role="status" className="py-10 text-center text-muted">
        Loading the rollout …
      </p>
    ) : (
      <div role="alert">
        <EmptyState title="Could not load the rollout" isPage>
          {error.message}. This page keeps trying.
        </EmptyState>
      </div>
    );
  }
  return (
    <div className="flex flex-col gap-4">
      <RolloutHeader
        rollout={rollout}
        commands={<RolloutCommands rollout={rollout} onDirected={onDirected} />}
      />
      {error !== null && !isCutOff && (
        <p role="status" className="text-sm text-warn">
          Not up to date: {error.message}. This page keeps trying.
        </p>
      )}
      {/* On a phone, what is wrong is visible without scrolling past all hosts. */}
      <div className="flex flex-col gap-4 max-sm:flex-col-reverse max-sm:justify-end">
        <Panel
          title="Hosts"
          aside={
            status !== undefined && (
              <Button variant="ghost" className="-my-2" onClick={() => filter(undefined)}>
                Clear filter
              </Button>
            )
          }
        >
          <div className={`mb-4 ${STALE_GRAY}`}>
            <HostLegend counts={rollout.counts} chosen={status} onChoose={filter} />
          </div>
          <HostGrid rollout={rollout} status={status} />
        </Panel>
        <FailureGroups title="Failures" hosts={rollout.hosts} status="failed" />
      </div>
      <FailureGroups title="Skipped" hosts={rollout.hosts} status="skipped" />
    </div>
  );
}
