import { useBoonerClient } from '@booner/react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { scopeText } from '../access/access.ts';
import { useAccess } from '../access/use-access.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { Panel } from '../ui/panel.tsx';
import { useTitle } from '../ui/use-title.ts';
import { ActionPicker } from './action-picker.tsx';
import { actionsQuery } from './actions-query.ts';
import { ParameterForm } from './parameter-form.tsx';
import type { RunSearch } from './run-search.ts';
import { RunnerGuide } from './runner-guide.tsx';
import { TargetPicker } from './target-picker.tsx';
import { type EarlierTask, useEarlierTask } from './use-earlier-task.ts';

/** A target may get a runner at any time. */
const LOOK_AGAIN_MS = 5000;

const route = getRouteApi('/dashboard/run');

/** Runs an action: asks for the target, the action and its parameters. */
export function RunView() {
  useTitle('Run');
  const denial = useAccess().runDenial();
  if (denial === null) return <RunForm />;
  return (
    <EmptyState title="You are not allowed to run actions" isPage>
      {denial} Ask an admin for a token with that role.
    </EmptyState>
  );
}

function RunForm() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const earlier = useEarlierTask(search.again);
  const host = search.host ?? earlier.task?.host;
  const action = search.action ?? earlier.task?.action;
  const show = (change: Partial<RunSearch>) =>
    void navigate({ search: { host, action, again: search.again, ...change }, replace: true });
  return (
    <div className="mx-auto flex max-w-2xl flex-col gap-4">
      <h1 className="text-xl font-semibold">Run an action</h1>
      {earlier.note !== null && (
        <p className="rounded-md border border-line bg-panel px-3 py-2">{earlier.note}</p>
      )}
      <TargetPicker host={host} action={action} onChange={(next) => show({ host: next })} />
      {host !== undefined && (
        <HostPart host={host} chosen={action} earlier={earlier} onChoose={(next) => show({ action: next })} />
      )}
    </div>
  );
}

type HostPartProps = {
  readonly host: string;
  readonly chosen: string | undefined;
  readonly earlier: EarlierTask;
  readonly onChoose: (action: string) => void;
};

function HostPart({ host, chosen, earlier, onChoose }: HostPartProps) {
  const client = useBoonerClient();
  const { signedIn, runDenial } = useAccess();
  const { data, error, isPending } = useQuery({
    ...actionsQuery(client, host),
    refetchInterval: ({ state }) => (state.data?.actions.length === 0 || state.error ? LOOK_AGAIN_MS : false),
  });
  if (isPending || earlier.isLoading)
    return <p className="min-h-40 text-muted">Loading the actions of {host} …</p>;
  if (data === undefined) {
    return (
      <p role="alert" className="rounded-md border border-bad-fill bg-bad-wash px-3 py-2 text-bad">
        {error.message}
      </p>
    );
  }
  if (data.actions.length === 0) return <RunnerGuide host={host} online={data.online} />;
  const action = data.actions.find(({ name }) => name === chosen);
  const denial = runDenial(host, action?.name, action?.role);
  return (
    <>
      {data.conflict && (
        <p role="alert" className="rounded-md border border-warn-fill bg-warn-wash px-3 py-2 text-warn">
          Two runners report as this host. Give each its own BOONER_HOST_ID.
        </p>
      )}
      <ActionPicker actions={data.actions} chosen={chosen} onChange={onChoose} />
      {action === undefined && chosen !== undefined && (
        <p role="alert" className="text-bad">
          {host} does not offer {chosen}. Choose another action above.
        </p>
      )}
      {denial !== null && (
        <p role="alert" className="rounded-md border border-warn-fill bg-warn-wash px-3 py-2 text-warn">
          {denial} Your token allows {signedIn !== null && scopeText(signedIn.scopes)}.
        </p>
      )}
      {action !== undefined && denial === null && (
        <Panel title={action.name}>
          <ParameterForm
            key={`${host} ${action.name} ${earlier.task?.id}`}
            host={host}
            action={action}
            earlier={earlier.task?.action === action.name ? earlier.task : null}
          />
        </Panel>
      )}
    </>
  );
}
