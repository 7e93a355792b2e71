import type { HostActions } from '@booner/client';
import { useBoonerClient } from '@booner/react';
import { useQuery } from '@tanstack/react-query';
import { Play } from 'lucide-react';
import { actionsQuery, LOOK_INTERVAL_MS } from '../run/actions-query.ts';
import { RunLink } from '../run/run-link.tsx';
import { RunnerGuide } from '../run/runner-guide.tsx';
import { Panel } from '../ui/panel.tsx';

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
  if (!online || actions.length === 0) return <RunnerGuide host={host} online={online} />;
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
