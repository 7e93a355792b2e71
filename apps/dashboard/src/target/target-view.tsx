import { parseHostId } from '@booner/protocol/host-id';
import { useBoonerClient, useConnection, useTarget } from '@booner/react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { type TimeSpan, ZoomContext } from '../charts/zoom-context.ts';
import { useFleet } from '../live/use-fleet.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { Panel } from '../ui/panel.tsx';
import { useTitle } from '../ui/use-title.ts';
import { DeviceTables } from './device-tables.tsx';
import { FactList } from './fact-list.tsx';
import { FileSystemTable } from './file-system-table.tsx';
import { identityQuery } from './identity-query.ts';
import { NoHostId, NoTarget, NotReported } from './no-target.tsx';
import { RangePicker, ZoomReset } from './range-picker.tsx';
import { TargetActions } from './target-actions.tsx';
import { ChartGrid, TargetCharts } from './target-charts.tsx';
import { inventoryFacts, sampleFacts } from './target-facts.ts';
import { TargetHeader } from './target-header.tsx';
import { TargetLabels } from './target-labels.tsx';
import { DEFAULT_RANGE } from './target-search.ts';
import { TargetTasks } from './target-tasks.tsx';
import { TargetWarnings, type TargetWarningsProps } from './target-warnings.tsx';
import { useIsOld } from './use-is-old.ts';
import { readZoom } from './zoom-history.ts';

const route = getRouteApi('/dashboard/targets/$host');

/** One target: its recent history, devices, actions and tasks. */
export function TargetView() {
  const asked = route.useParams().host;
  const host = parseHostId(asked);
  useTitle(host ?? asked);
  return host === null ? <NoHostId text={asked} /> : <TargetPage host={host} />;
}

function TargetPage({ host }: { readonly host: string }) {
  const { range = DEFAULT_RANGE, from, to } = route.useSearch();
  const zoom = useMemo(() => readZoom(from, to), [from, to]);
  const navigate = route.useNavigate();
  // Not a replacement: the browser's Back ends the zoom.
  const setZoom = useCallback(
    (span: TimeSpan | null) => {
      const ends = { from: span && Math.round(span.fromMs), to: span && Math.round(span.toMs) };
      void navigate({
        search: (before) => ({ ...before, from: ends.from ?? undefined, to: ends.to ?? undefined }),
        resetScroll: false,
      });
    },
    [navigate],
  );
  const state = useTarget(host);
  const { type, reason } = useConnection();
  const { data: identity = null } = useQuery(identityQuery(useBoonerClient(), host));
  // Either of the two shows that the target exists and has a history.
  const isListed = useFleet(({ targets }) => targets.has(host)) ?? false;
  if (state.type === 'unknown') return <NoTarget host={host} />;
  const target = state.type === 'found' ? state.target : null;
  if (target === null && type === 'offline') {
    return (
      <>
        <h1 className="sr-only">{host}</h1>
        <EmptyState title="Cannot show this target">
          The hub cannot be reached: {reason.detail}. This page keeps trying.
        </EmptyState>
      </>
    );
  }
  const isUnreported = target !== null && target.sample === null && target.status === 'pending';
  return (
    <div className="flex flex-col gap-4">
      <TargetHeader host={host} target={target} />
      {target !== null && <TargetWarnings target={target} identity={identity} />}
      {isUnreported ? (
        <NotReported host={host} />
      ) : (
        <>
          <div className="sticky top-(--header-height) z-20 -my-2 flex flex-wrap gap-2 bg-page py-2">
            <RangePicker host={host} range={range} />
            {zoom !== null && <ZoomReset zoom={zoom} onReset={() => setZoom(null)} />}
          </div>
          {target !== null || isListed ? (
            <ZoomContext value={setZoom}>
              <TargetCharts
                key={host}
                host={host}
                range={range}
                zoom={zoom}
                sample={target?.sample ?? null}
              />
            </ZoomContext>
          ) : (
            <ChartGrid history={null} range={range} sample={null} />
          )}
        </>
      )}
      {target !== null && <TargetDetails target={target} identity={identity} />}
    </div>
  );
}

function TargetDetails({ target, identity }: TargetWarningsProps) {
  const { host, sample, inventory, firstSeenAtMs } = target;
  const isOld = useIsOld(target);
  const greyed = isOld ? 'text-muted grayscale' : undefined;
  return (
    <>
      {sample?.fileSystems && (
        <Panel title="File systems">
          <div className={greyed}>
            <FileSystemTable fileSystems={sample.fileSystems} isStale={isOld} />
          </div>
        </Panel>
      )}
      <div className="grid gap-4 lg:grid-cols-2">
        <TargetActions host={host} />
        <TargetTasks host={host} />
      </div>
      <TargetLabels target={target} />
      <div className="grid gap-4 lg:grid-cols-2">
        {sample !== null && <DeviceTables measurements={sample} isStale={isOld} className={greyed} />}
        {sample !== null && (
          <Panel title="Last sample">
            <div className={greyed}>
              <FactList facts={sampleFacts(sample)} />
            </div>
          </Panel>
        )}
        {inventory !== null && (
          <Panel title="Inventory">
            <FactList facts={inventoryFacts(inventory, firstSeenAtMs, identity, Date.now())} />
          </Panel>
        )}
      </div>
    </>
  );
}
