import { useBoonerClient } from '@booner/react';
import { asSentence } from '../shell/connection-words.ts';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Panel } from '../ui/panel.tsx';

/** Nothing has come yet, and why. */
export function HubAway({ reason }: { readonly reason: string }) {
  const client = useBoonerClient();
  return (
    <Panel>
      <div role="alert">
        <EmptyState title="No connection to the hub">
          <p>{asSentence(reason)}</p>
          <p className="mb-4">
            It may have been stopped, or the network between is down. The page tries again by itself and shows
            the fleet as soon as the hub answers.
          </p>
          <Button variant="primary" onClick={() => client.reconnect()}>
            Try now
          </Button>
        </EmptyState>
      </div>
    </Panel>
  );
}

/** A fleet without hosts, and how one is added. */
export function NoTargets() {
  return (
    <Panel>
      <EmptyState
        title="No targets yet"
        command={'REDIS_URL=redis://10.0.0.1:6379 BOONER_LABEL="web" npm run agent'}
      >
        <p>
          Start an agent on each host that you want to see here, from a clone of the repository, with the
          address of the Redis that this hub uses. It appears within seconds.
        </p>
      </EmptyState>
    </Panel>
  );
}

/** Targets there are, but none of them is looked for. */
export function NoMatch({ onClear }: { readonly onClear: () => void }) {
  return (
    <Panel>
      <EmptyState title="No target matches">
        <p className="mb-4">Other words, another status or another label may.</p>
        <Button variant="primary" onClick={onClear}>
          Clear filters
        </Button>
      </EmptyState>
    </Panel>
  );
}

/** Holds the place of the targets for the moment before they come. */
export function FleetSkeleton() {
  return (
    <div aria-busy="true" className="flex flex-col gap-2">
      <p className="sr-only">Loading the fleet</p>
      <div className="h-8 w-72 rounded-md bg-raised pointer-coarse:h-10" />
      <div className="h-[60vh] rounded-md border border-line bg-panel" />
    </div>
  );
}
