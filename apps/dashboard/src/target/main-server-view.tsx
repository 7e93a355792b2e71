import { inventoryText } from '@booner/protocol/status-texts';
import { getRouteApi } from '@tanstack/react-router';
import { useAccess } from '../access/use-access.ts';
import { useFleet } from '../live/use-fleet.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { useTitle } from '../ui/use-title.ts';
import { HostHistory } from './host-history.tsx';

const route = getRouteApi('/dashboard/main-server');

/** The history of the machine that the hub runs on. */
export function MainServerView() {
  useTitle('Main server');
  const search = route.useSearch();
  const { reads } = useAccess();
  const inventory = useFleet(({ mainServer }) => mainServer.inventory);
  const measurements = useFleet(({ mainServer }) => mainServer.measurements);
  if (reads !== null) {
    return (
      <EmptyState title="Main server" isPage>
        Your token reads some targets only. The main server is not one.
      </EmptyState>
    );
  }
  return (
    <div className="flex flex-col gap-4">
      <div>
        <h1 className="text-xl font-semibold outline-none">Main server</h1>
        <p className="mt-1 min-h-5">
          {inventory !== null && [inventory.hostname, inventoryText(inventory)].join(' · ')}
        </p>
      </div>
      <HostHistory host={null} sample={measurements} search={search} isKnown />
    </div>
  );
}
