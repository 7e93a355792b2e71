import { getRouteApi } from '@tanstack/react-router';
import { useAccess } from '../../access/use-access.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { useTitle } from '../../ui/use-title.ts';
import { RolloutForm } from './rollout-form.tsx';

const route = getRouteApi('/dashboard/rollouts/new');

/** Plans and starts a rollout. */
export function NewRolloutView() {
  useTitle('New rollout');
  const { action = '', selector = '' } = route.useSearch();
  const denial = useAccess().runDenial();
  if (denial !== null) {
    return (
      <EmptyState title="You are not allowed to start rollouts" isPage>
        {denial} Ask an admin for a token with that role.
      </EmptyState>
    );
  }
  return (
    <div className="flex flex-col gap-4">
      <h1 className="text-xl font-semibold outline-none">New rollout</h1>
      <RolloutForm action={action} selector={selector} />
    </div>
  );
}
