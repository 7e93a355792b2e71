import { parseHostId } from '@booner/protocol/host-id';
import { useBoonerClient, useConnection, useTarget } from '@booner/react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { TargetAlerts } from '../alerts/list/target-alerts.tsx';
import { useFleet } from '../live/use-fleet.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { Panel } from '../ui/panel.tsx';
import { useTitle } from '../ui/use-title.ts';
import { DeviceTables } from './device-tables.tsx';
import { FactList } from './fact-list.tsx';
import { FileSystemTable } from './file-system-table.tsx';
import { HostHistory } from './host-history.tsx';
import { identityQuery } from './identity-query.ts';
import { NoHostId, NoTarget, NotReported } from './no-target.tsx';
import { TargetActions } from './target-actions.tsx';
import { inventoryFacts, sampleFacts } from './target-facts.ts';
import { TargetHeader } from './target-header.tsx';
import { TargetLabels } from './target-labels.tsx';
import { TargetTasks } from './target-tasks.tsx';
import { TargetWarnings, type TargetWarningsProps } from './target-warnings.tsx';
import { useIsOld } from './use-is-old.ts';

const route = getRouteApi('/dashboard/targets/$host');

/** One target: its recent history, devices, actions and tasks. */
export function TargetView() {
  const asked = route.useParams().host;
  const host = parseHostId(asked);
  useTitle(host ?? asked);
  return host === null ? <NoHostId text={asked} /> : <TargetPage host={host} />;
}

function TargetPage({ host }: { readonly host: string }) {
  const search = route.useSearch();
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
      <TargetAlerts host={host} />
      {isUnreported ? (
        <NotReported host={host} />
      ) : (
        <HostHistory
          host={host}
          sample={target?.sample ?? null}
          search={search}
          isKnown={target !== null || isListed}
        />
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
