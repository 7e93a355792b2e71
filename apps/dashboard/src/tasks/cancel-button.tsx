import { BoonerError } from '@booner/client';
import type { Task } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { CircleSlash } from 'lucide-react';
import { useAccess } from '../access/use-access.ts';
import { Button } from '../ui/button.tsx';
import { ConfirmButton } from '../ui/confirm-button.tsx';

/** Cancels a task, after the question whether that is meant. Not there for viewers. */
export function CancelButton({ task }: { readonly task: Task }) {
  const client = useBoonerClient();
  const { may, runFault } = useAccess();
  const isAskedFor = task.cancelRequestedAtMs !== null;
  const fault = runFault(task.host, task.action);
  if (!may('operator')) return null;
  if (fault !== null) {
    return (
      <Button variant="danger" disabled focusableWhenDisabled aria-description={fault} title={fault}>
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
  if (status === 'queued' && attempt > 0) return 'It waits to be started again, and will not start.';
  if (status === 'queued') return 'It has not started, and will not start.';
  if (external) return 'Another program drives it, which is told of this and has to end it itself.';
  return 'All its processes get SIGTERM, and SIGKILL if they are still there 10 seconds later. What they have done until then stays done.';
}

function reasonOf(error: Error): string {
  if (!(error instanceof BoonerError)) return error.message;
  switch (error.code) {
    case 'conflict':
      return `It cannot be cancelled any more. ${error.message}`;
    case 'unreachable':
    case 'timeout':
      return `Nobody knows whether it was cancelled: ${error.message}. Try again.`;
    default:
      return error.message;
  }
}
