import type { Heartbeat } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useAccess } from '../../access/use-access.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { TimeAgo } from '../../ui/time-ago.tsx';
import { heartbeatsQuery } from '../alert-queries.ts';
import { ListPanel } from '../list-panel.tsx';
import { Loaded } from '../loaded.tsx';
import { HeartbeatDialog } from './heartbeat-dialog.tsx';

/** Jobs that report, and are missed when they do not. */
export function HeartbeatList() {
  const client = useBoonerClient();
  const query = useQuery(heartbeatsQuery(client));
  const mayEdit = useAccess().may('admin');
  const [isAdding, setAdding] = useState(false);
  return (
    <Loaded query={query} what="the heartbeats">
      {(heartbeats) => (
        <ListPanel
          title="Heartbeats"
          aside={
            mayEdit && (
              <Button onClick={() => setAdding(true)}>
                <Plus size={16} aria-hidden="true" />
                Add heartbeat
              </Button>
            )
          }
        >
          {heartbeats.length === 0 ? (
            <div className="border-t border-line">
              <EmptyState title="No heartbeats">
                A job, such as a backup, posts to a URL each time it has run. If it does not in time, an alert
                fires.
              </EmptyState>
            </div>
          ) : (
            <ul className="divide-y divide-line border-t border-line">
              {heartbeats.map((heartbeat) => (
                <Row key={heartbeat.name} heartbeat={heartbeat} mayEdit={mayEdit} />
              ))}
            </ul>
          )}
          {isAdding && <HeartbeatDialog onClose={() => setAdding(false)} />}
        </ListPanel>
      )}
    </Loaded>
  );
}

function Row({ heartbeat, mayEdit }: { readonly heartbeat: Heartbeat; readonly mayEdit: boolean }) {
  const { name, host, every, lastBeatAtMs } = heartbeat;
  const client = useBoonerClient();
  const queries = useQueryClient();
  const remove = async () => {
    await client.removeHeartbeat(name);
    await queries.invalidateQueries({ queryKey: ['alerts'] });
  };
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 px-4 py-3">
      <div className="min-w-0 flex-1 basis-72">
        <p className="flex flex-wrap items-baseline gap-x-3">
          <span className="font-semibold wrap-anywhere">{name}</span>
          <Link
            to="/dashboard/targets/$host"
            params={{ host }}
            className="underline underline-offset-2 wrap-anywhere hover:text-accent"
          >
            {host}
          </Link>
        </p>
        <p className="text-sm text-muted">
          at least every {every} · last {lastBeatAtMs === null ? 'never' : <TimeAgo atMs={lastBeatAtMs} />}
        </p>
      </div>
      {mayEdit && (
        <ConfirmButton
          label={`Delete ${name}`}
          question={`Delete the heartbeat ${name}?`}
          whatHappens="Its URL stops working, and nobody is told when the job does not run."
          verb="Delete"
          onConfirm={remove}
        >
          Delete
        </ConfirmButton>
      )}
    </li>
  );
}
