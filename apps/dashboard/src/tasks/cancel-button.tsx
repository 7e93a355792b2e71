import { BoonerError } from '@booner/client';
import type { Task } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { CircleSlash } from 'lucide-react';
import { useAccess } from '../access/use-access.ts';
import { outageDenial, useOutage } from '../live/use-outage.ts';
import { Button } from '../ui/button.tsx';
import { ConfirmButton } from '../ui/confirm-button.tsx';

/** Cancels a task after a confirmation. Hidden from viewers. */
export function CancelButton({ task }: { readonly task: Task }) {
  const client = useBoonerClient();
  const { may, runDenial } = useAccess();
  const isAskedFor = task.cancelRequestedAtMs !== null;
  const outage = useOutage();
  const denial = runDenial(task.host, task.action) ?? (outage && outageDenial(outage));
  if (!may('operator')) return null;
  if (denial !== null) {
    return (
      <Button variant="danger" disabled focusableWhenDisabled aria-description={denial} title={denial}>
        <CircleSlash size={16} aria-hidden="true" />
        Cancel task
      </Button>
    );
  }
  return (
    <ConfirmButton
      variant="danger"
      disabled={isAskedFor}
      question={`Cancel ${task.action} on ${task.host}?`}
      whatHappens={whatHappens(task)}
      verb="Cancel task"
      onConfirm={() => client.cancelTask(task.id)}
      reasonOf={reasonOf}
    >
      <CircleSlash size={16} aria-hidden="true" />
      {isAskedFor ? 'Cancelling …' : 'Cancel task'}
    </ConfirmButton>
  );
}

function whatHappens({ status, attempt, external }: Task): string {
  if (status === 'queued' && attempt > 0) return 'The task is queued to restart. It will not restart.';
  if (status === 'queued') return 'The task has not started. It will not start.';
  if (external)
    return 'Another program runs this task. It receives your request and has to stop the task itself.';
  return 'All its processes get SIGTERM, then SIGKILL if they are still running 10 seconds later. Nothing they have done is undone.';
}

function reasonOf(error: Error): string {
  if (!(error instanceof BoonerError)) return error.message;
  switch (error.code) {
    case 'conflict':
      return `The task can no longer be cancelled. ${error.message}`;
    case 'unreachable':
    case 'timeout':
      return `The task may not have been cancelled: ${error.message}. Try again.`;
    default:
      return error.message;
  }
}
