import { useBoonerClient } from '@booner/react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Play } from 'lucide-react';
import { AddHostButton } from '../add-host/add-host-button.tsx';
import { actionsQuery, LOOK_INTERVAL_MS } from '../run/actions-query.ts';
import { RunLink } from '../run/run-link.tsx';
import { buttonClass } from '../ui/button.tsx';
import { MainServerCard } from './main-server-card.tsx';

/** An action that is harmless to try. */
const FIRST_ACTION = 'countdown';

/** The main server and its only target, which are one machine, with what to do first. */
export function OnlyMachineCard({ host }: { readonly host: string }) {
  return (
    <MainServerCard
      aside={
        <Link
          to="/dashboard/targets/$host"
          params={{ host }}
          className="-my-2.5 py-2.5 text-accent underline underline-offset-2"
        >
          Charts and tasks of {host}
        </Link>
      }
    >
      <div className="mt-4 flex flex-wrap items-center gap-2">
        <FirstRun host={host} />
        <AddHostButton />
        <a href="/docs" className={buttonClass()}>
          Open API docs
        </a>
      </div>
    </MainServerCard>
  );
}

function FirstRun({ host }: { readonly host: string }) {
  const client = useBoonerClient();
  const { data } = useQuery({ ...actionsQuery(client, host), refetchInterval: LOOK_INTERVAL_MS });
  const names = data?.actions.map(({ name }) => name) ?? [];
  const action = names.find((name) => name === FIRST_ACTION) ?? names[0];
  if (action === undefined) return null;
  return (
    <RunLink search={{ host, action }} variant="primary">
      <Play size={16} aria-hidden="true" />
      Run {action}
    </RunLink>
  );
}
