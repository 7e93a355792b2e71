import { useBoonerClient, useConnection } from '@booner/react';
import { useAccess } from '../access/use-access.ts';
import { AddHostButton } from '../add-host/add-host-button.tsx';
import { asSentence } from '../live/connection-words.ts';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Panel } from '../ui/panel.tsx';
import type { Query } from './read-query.ts';

/** Replaces the fleet before the first data, with the reason why there is none. */
export function HubUnreachable() {
  const client = useBoonerClient();
  const { reason } = useConnection();
  const isWaiting = reason.code === 'waiting';
  return (
    <Panel>
      <div role="alert">
        <EmptyState title={isWaiting ? 'The hub is waiting for Redis' : 'No connection to the hub'}>
          <p>{asSentence(reason.detail)}</p>
          <p className="mb-4">
            {isWaiting
              ? 'The fleet appears as soon as the hub has read it from Redis.'
              : 'The hub may be stopped, or the network may be down. This page keeps trying, and shows the fleet as soon as the hub answers.'}
          </p>
          <Button variant="primary" onClick={() => client.reconnect()}>
            Try now
          </Button>
        </EmptyState>
      </div>
    </Panel>
  );
}

/** Replaces an empty fleet, and explains how to add a host. */
export function NoTargets() {
  const mayAdd = useAccess().may('admin');
  return (
    <Panel>
      <EmptyState title="No targets yet">
        {mayAdd ? (
          <>
            <p className="mb-4">
              Add a host and run one command on it. It appears here within seconds, with its load, memory,
              disks and temperatures.
            </p>
            <AddHostButton variant="primary" />
          </>
        ) : (
          <p>Ask an admin to add hosts. They appear here automatically.</p>
        )}
      </EmptyState>
    </Panel>
  );
}

/** Replaces the targets if none match the filters. */
export function NoMatch({ query, onClear }: { readonly query: Query; readonly onClear: () => void }) {
  return (
    <Panel>
      <EmptyState title="No targets match these filters">
        <p role={query.type === 'issue' ? 'alert' : undefined} className="mb-4 break-words">
          {query.type === 'issue' ? query.text : 'Change the search, or clear it to see all targets.'}
        </p>
        <Button variant="primary" onClick={onClear}>
          Clear filters
        </Button>
      </EmptyState>
    </Panel>
  );
}

/** Placeholder for the targets until they arrive. */
export function FleetSkeleton() {
  return (
    <div aria-busy="true" className="flex flex-col gap-2">
      <p className="sr-only">Loading the fleet</p>
      <div className="h-8 w-72 rounded-md bg-raised pointer-coarse:h-10" />
      <div className="h-[60vh] rounded-md border border-line bg-panel" />
    </div>
  );
}
