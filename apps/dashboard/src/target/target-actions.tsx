import type { HostActions } from '@booner/client';
import { useBoonerClient } from '@booner/react';
import { useQuery } from '@tanstack/react-query';
import { Play } from 'lucide-react';
import { actionsQuery } from '../run/actions-query.ts';
import { RunLink } from '../run/run-link.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Panel } from '../ui/panel.tsx';

/** Refresh interval, since no stream reports a new runner. */
const LOOK_INTERVAL_MS = 15_000;

/** Lists the actions of a target. */
export function TargetActions({ host }: { readonly host: string }) {
  const client = useBoonerClient();
  const { data, error } = useQuery({
    ...actionsQuery(client, host),
    refetchInterval: LOOK_INTERVAL_MS,
  });
  return (
    <Panel title="Actions" className="min-h-40">
      {data !== undefined ? (
        <Offered offer={data} />
      ) : (
        error !== null && (
          <p role="status" className="text-muted">
            Could not load the actions: {error.message}
          </p>
        )
      )}
    </Panel>
  );
}

function Offered({ offer: { host, online, conflict, actions } }: { readonly offer: HostActions }) {
  if (!online) {
    return (
      <EmptyState title="No runner on this target" command="npm run runner">
        A runner offers the actions of its target and runs them. Define an action in /etc/booner/actions.d and
        start the runner next to the agent (see docs/actions.md).
      </EmptyState>
    );
  }
  if (actions.length === 0) {
    return (
      <EmptyState title="The runner offers no actions" command="npm run runner -- check">
        Add action files to /etc/booner/actions.d on the target (see docs/actions.md).
      </EmptyState>
    );
  }
  return (
    <>
      {conflict && (
        <p className="mb-3 rounded-md border border-warn-fill bg-warn-wash px-3 py-2">
          Two runners report as this target. Stop one of them.
        </p>
      )}
      <ul className="divide-y divide-line">
        {actions.map(({ name, description }) => (
          <li key={name} className="flex items-center gap-4 py-2 first:pt-0 last:pb-0">
            <div className="min-w-0 flex-1">
              <p className="font-semibold break-words">{name}</p>
              <p className="text-sm text-muted">{description}</p>
            </div>
            <RunLink search={{ host, action: name }} label={`Run ${name}`}>
              <Play size={16} aria-hidden="true" />
              Run
            </RunLink>
          </li>
        ))}
      </ul>
    </>
  );
}
