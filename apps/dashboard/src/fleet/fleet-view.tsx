import { useTargets } from '@booner/react';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { ChartBarDecreasing } from 'lucide-react';
import { useCallback } from 'react';
import { useAccess } from '../access/use-access.ts';
import { AddHostButton } from '../add-host/add-host-button.tsx';
import { useRecording } from '../history/recording-query.ts';
import { useFleet } from '../live/use-fleet.ts';
import { buttonClass } from '../ui/button.tsx';
import { useTitle } from '../ui/use-title.ts';
import { FleetSkeleton, HubUnreachable, NoTargets } from './fleet-absent.tsx';
import { FleetCounts } from './fleet-counts.tsx';
import type { FleetSearch } from './fleet-search.ts';
import { FleetTargets } from './fleet-targets.tsx';
import { MainServerCard } from './main-server-card.tsx';
import { onlyMachine } from './only-machine.ts';
import { OnlyMachineCard } from './only-machine-card.tsx';

/** The main server and all targets. */
export function FleetView() {
  useTitle('Fleet');
  const { targets, error } = useTargets();
  const { reads } = useAccess();
  const isOff = useRecording()?.state === 'off';
  const sentAtMs = useFleet((fleet) => fleet.sentAtMs);
  const search = useSearch({ from: '/' });
  const mainServer = useFleet((fleet) => fleet.mainServer);
  // A search, a filter or a chosen view is about targets.
  const isAsked = Object.values(search).some((value) => value !== undefined);
  const isWhole = sentAtMs !== null && reads === null && !isAsked;
  const only = isWhole ? onlyMachine(targets, mainServer) : null;
  const navigate = useNavigate({ from: '/' });
  const onSearch = useCallback(
    (change: Partial<FleetSearch>) =>
      void navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false }),
    [navigate],
  );
  return (
    <div className="flex flex-col gap-4">
      <h1 className="sr-only">Fleet</h1>
      {sentAtMs === null && error !== null ? (
        <HubUnreachable />
      ) : (
        <>
          <div className="flex items-start justify-between gap-4">
            <FleetCounts targets={sentAtMs === null ? null : targets} />
            {targets.length > 0 && only === null && (
              <span className="flex gap-2">
                {!isOff && (
                  <Link to="/dashboard/ranking" className={buttonClass('plain', 'max-sm:px-2.5')}>
                    <ChartBarDecreasing size={16} aria-hidden="true" />
                    <span className="max-sm:sr-only">Ranking</span>
                  </Link>
                )}
                <AddHostButton isShort />
              </span>
            )}
          </div>
          {only !== null && <OnlyMachineCard host={only} />}
          {only === null && reads === null && <MainServerCard />}
          {sentAtMs === null && <FleetSkeleton />}
          {sentAtMs !== null && targets.length === 0 && <NoTargets />}
          {sentAtMs !== null && targets.length > 0 && only === null && (
            <FleetTargets targets={targets} sentAtMs={sentAtMs} search={search} onSearch={onSearch} />
          )}
        </>
      )}
    </div>
  );
}
