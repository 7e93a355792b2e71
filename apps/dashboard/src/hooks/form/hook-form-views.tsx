import { useBoonerClient } from '@booner/react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useAccess } from '../../access/use-access.ts';
import { Loaded } from '../../alerts/loaded.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { useTitle } from '../../ui/use-title.ts';
import { hookQuery } from '../hook-queries.ts';
import { HookForm } from './hook-form.tsx';

const route = getRouteApi('/dashboard/hooks/$name/edit');

/** Creates a hook. */
export function NewHookView() {
  useTitle('New hook');
  const denial = useAccess().runDenial();
  if (denial !== null) return <NotAllowed denial={denial} />;
  return (
    <div className="flex flex-col gap-4">
      <h1 className="text-xl font-semibold outline-none">New hook</h1>
      <HookForm before={null} />
    </div>
  );
}

/** Changes a hook. */
export function EditHookView() {
  const { name } = route.useParams();
  useTitle(`Edit ${name}`);
  const denial = useAccess().runDenial();
  // What is typed stays, whatever happens to the hook meanwhile.
  const query = useQuery({
    ...hookQuery(useBoonerClient(), name),
    refetchInterval: false,
    refetchOnWindowFocus: false,
  });
  if (denial !== null) return <NotAllowed denial={denial} />;
  return (
    <div className="flex flex-col gap-4">
      <h1 className="text-xl font-semibold wrap-anywhere outline-none">Edit {name}</h1>
      <Loaded query={query} what="the hook">
        {(hook) => <HookForm key={name} before={hook} />}
      </Loaded>
    </div>
  );
}

const NotAllowed = ({ denial }: { readonly denial: string }) => (
  <EmptyState title="You are not allowed to set hooks" isPage>
    {denial} Ask an admin for a token with that role.
  </EmptyState>
);
