import { AlertDialog } from '@base-ui/react/alert-dialog';
import { BoonerError } from '@booner/client';
import type { Task } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useMutation } from '@tanstack/react-query';
import clsx from 'clsx';
import { CircleSlash } from 'lucide-react';
import { useState } from 'react';
import { useAccess } from '../access/use-access.ts';
import { Button, buttonClass } from '../ui/button.tsx';
import { modalClasses } from '../ui/modal-classes.ts';

/** Cancels a task, after the question whether that is meant. Not there for viewers. */
export function CancelButton({ task }: { readonly task: Task }) {
  const client = useBoonerClient();
  const [isOpen, setIsOpen] = useState(false);
  const cancel = useMutation({
    mutationFn: () => client.cancelTask(task.id),
    onSuccess: () => setIsOpen(false),
  });
  const open = (next: boolean) => {
    if (next) cancel.reset();
    setIsOpen(next);
  };
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
    <AlertDialog.Root open={isOpen} onOpenChange={open}>
      <AlertDialog.Trigger className={buttonClass('danger')} disabled={isAskedFor}>
        <CircleSlash size={16} aria-hidden="true" />
        {isAskedFor ? 'Cancelling …' : 'Cancel task'}
      </AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={modalClasses.backdrop} />
        <AlertDialog.Viewport className={modalClasses.viewport}>
          <AlertDialog.Popup className={clsx(modalClasses.popup, 'max-w-md gap-4 p-4')}>
            <div className="flex flex-col gap-2">
              <AlertDialog.Title className="text-lg font-semibold">
                Cancel {task.action} on {task.host}?
              </AlertDialog.Title>
              <AlertDialog.Description className="text-muted">{whatHappens(task)}</AlertDialog.Description>
              {cancel.isError && (
                <p role="alert" className="rounded-md bg-bad-wash px-3 py-2 text-bad">
                  {reasonOf(cancel.error)}
                </p>
              )}
            </div>
            <div className="flex flex-wrap justify-end gap-2">
              <AlertDialog.Close className={buttonClass()}>Keep it</AlertDialog.Close>
              <Button
                variant="danger"
                onClick={() => cancel.mutate()}
                disabled={cancel.isPending}
                focusableWhenDisabled
              >
                {cancel.isPending ? 'Asking …' : 'Cancel task'}
              </Button>
            </div>
          </AlertDialog.Popup>
        </AlertDialog.Viewport>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}

function whatHappens({ status, external }: Task): string {
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
