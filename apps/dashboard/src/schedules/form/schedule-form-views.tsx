import { useBoonerClient } from '@booner/react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useAccess } from '../../access/use-access.ts';
import { Loaded } from '../../alerts/loaded.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { useTitle } from '../../ui/use-title.ts';
import { scheduleQuery } from '../schedule-queries.ts';
import { ScheduleForm } from './schedule-form.tsx';

const route = getRouteApi('/dashboard/schedules/$name/edit');

/** Creates a schedule. */
export function NewScheduleView() {
  useTitle('New schedule');
  const denial = useAccess().runDenial();
  if (denial !== null) return <NotAllowed denial={denial} />;
  return (
    <div className="flex flex-col gap-4">
      <h1 className="text-xl font-semibold outline-none">New schedule</h1>
      <ScheduleForm before={null} />
    </div>
  );
}

/** Changes a schedule. */
export function EditScheduleView() {
  const { name } = route.useParams();
  useTitle(`Edit ${name}`);
  const denial = useAccess().runDenial();
  // What is typed stays, whatever happens to the schedule meanwhile.
  const client = useBoonerClient();
  const query = useQuery({
    ...scheduleQuery(client, name),
    refetchInterval: false,
    refetchOnWindowFocus: false,
  });
  if (denial !== null) return <NotAllowed denial={denial} />;
  return (
    <div className="flex flex-col gap-4">
      <h1 className="text-xl font-semibold wrap-anywhere outline-none">Edit {name}</h1>
      <Loaded query={query} what="the schedule">
        {(schedule) => <ScheduleForm key={name} before={schedule} />}
      </Loaded>
    </div>
  );
}

const NotAllowed = ({ denial }: { readonly denial: string }) => (
  <EmptyState title="You are not allowed to set schedules" isPage>
    {denial} Ask an admin for a token with that role.
  </EmptyState>
);
