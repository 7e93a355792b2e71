import type { ShownSchedule } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Pause, Play, Trash2 } from 'lucide-react';
import { useAccess } from '../access/use-access.ts';
import { outageDenial, useOutage } from '../live/use-outage.ts';
import { Button } from '../ui/button.tsx';
import { ConfirmButton } from '../ui/confirm-button.tsx';
import { FormAlert } from '../ui/form-alert.tsx';
import { SCHEDULES_KEY, scheduleQuery } from './schedule-queries.ts';

/** Pauses, resumes and removes a schedule. Hidden from viewers. */
export function ScheduleCommands({ schedule: { name, schedule, paused } }: { schedule: ShownSchedule }) {
  const { may, runDenial } = useAccess();
  const outage = useOutage();
  const client = useBoonerClient();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const isPaused = paused !== null;
  const steer = useMutation({
    mutationFn: () => (isPaused ? client.resumeSchedule(name) : client.pauseSchedule(name)),
    onSuccess: async (shown) => {
      queries.setQueryData(scheduleQuery(client, name).queryKey, shown);
      await queries.invalidateQueries({ queryKey: SCHEDULES_KEY });
    },
  });
  if (!may('operator')) return null;
  const denial = runDenial(schedule.host, schedule.action) ?? (outage && outageDenial(outage));
  return (
    <div className="relative flex flex-col gap-2">
      <div className="flex flex-wrap gap-2">
        <Button
          aria-label={`${isPaused ? 'Resume' : 'Pause'} ${name}`}
          disabled={denial !== null || steer.isPending}
          focusableWhenDisabled
          {...(denial !== null && { title: denial, 'aria-description': denial })}
          onClick={() => steer.mutate()}
        >
          {isPaused ? <Play size={16} aria-hidden="true" /> : <Pause size={16} aria-hidden="true" />}
          {isPaused ? 'Resume' : 'Pause'}
        </Button>
        <ConfirmButton
          label={`Remove ${name}`}
          disabled={denial !== null}
          question={`Remove the schedule ${name}?`}
          whatHappens="It no longer fires. Rollouts that it has started go on."
          verb="Remove"
          onConfirm={async () => {
            await client.removeSchedule(name);
            await navigate({ to: '/dashboard/schedules' });
            queries.removeQueries({ queryKey: scheduleQuery(client, name).queryKey });
            await queries.invalidateQueries({ queryKey: SCHEDULES_KEY });
          }}
        >
          <Trash2 size={16} aria-hidden="true" />
          Remove
        </ConfirmButton>
      </div>
      <FormAlert text={steer.error?.message ?? null} />
    </div>
  );
}
