import type { ShownSchedule } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { TriggerCommands, type TriggerCommandsProps } from '../triggers/trigger-commands.tsx';
import { SCHEDULES_KEY, scheduleQuery } from './schedule-queries.ts';

export type ScheduleCommandsProps = {
  readonly schedule: ShownSchedule;
  readonly children?: TriggerCommandsProps['children'];
};

/** Pauses, resumes and removes a schedule. Hidden from viewers. */
export function ScheduleCommands({ schedule: { name, schedule, paused }, children }: ScheduleCommandsProps) {
  const client = useBoonerClient();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const isPaused = paused !== null;
  const steer = async () => {
    const shown = await (isPaused ? client.resumeSchedule(name) : client.pauseSchedule(name));
    queries.setQueryData(scheduleQuery(client, name).queryKey, shown);
    await queries.invalidateQueries({ queryKey: SCHEDULES_KEY });
  };
  const remove = async () => {
    await client.removeSchedule(name);
    await navigate({ to: '/dashboard/schedules' });
    queries.removeQueries({ queryKey: scheduleQuery(client, name).queryKey });
    await queries.invalidateQueries({ queryKey: SCHEDULES_KEY });
  };
  return (
    <TriggerCommands
      {...{ name, isPaused, children }}
      kind="schedule"
      starts={schedule}
      onSteer={steer}
      whenRemoved="It no longer fires. Rollouts that it has started go on."
      onRemove={remove}
    />
  );
}
