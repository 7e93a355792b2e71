import { AlertDialog } from '@base-ui/react/alert-dialog';
import type { RemovedTarget } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import clsx from 'clsx';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useAccess } from '../access/use-access.ts';
import { Button, buttonClass } from '../ui/button.tsx';
import { CommandLine } from '../ui/command-line.tsx';
import { FormAlert } from '../ui/form-alert.tsx';
import { modalClasses } from '../ui/modal-classes.ts';
import { TextField } from '../ui/text-field.tsx';

/** Removes a target after its name was typed. For admins. */
export function RemoveTarget({ host }: { readonly host: string }) {
  const client = useBoonerClient();
  const navigate = useNavigate();
  const [isOpen, setIsOpen] = useState(false);
  const [typed, setTyped] = useState('');
  const leave = () => void navigate({ to: '/' });
  const remove = useMutation({
    mutationFn: () => client.removeTarget(host),
    onSuccess: ({ redis }) => {
      if (redis.lines.length === 0) leave();
    },
  });
  if (!useAccess().may('admin')) return null;
  const open = (next: boolean) => {
    if (remove.isSuccess) return leave();
    if (next) {
      remove.reset();
      setTyped('');
    }
    setIsOpen(next);
  };
  const isMeant = typed.trim() === host;
  return (
    <AlertDialog.Root open={isOpen} onOpenChange={open}>
      <AlertDialog.Trigger className={buttonClass()}>
        <Trash2 size={16} aria-hidden="true" />
        Remove
      </AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={modalClasses.backdrop} />
        <AlertDialog.Viewport className={modalClasses.viewport}>
          <AlertDialog.Popup className={clsx(modalClasses.popup, 'max-w-lg p-4')}>
            <AlertDialog.Title className="mb-2 text-lg font-semibold break-words">
              {remove.isSuccess ? `${host} was removed` : `Remove ${host}?`}
            </AlertDialog.Title>
            {remove.isSuccess ? (
              <Removed removed={remove.data} onClose={leave} />
            ) : (
              <form
                noValidate
                className="flex flex-col gap-4"
                onSubmit={(event) => {
                  event.preventDefault();
                  if (isMeant && !remove.isPending) remove.mutate();
                }}
              >
                <AlertDialog.Description className="text-muted">
                  Its Redis key is revoked, its connections are closed, and its queued tasks are cancelled.
                  The software on the host stays; to remove it, run the installer with{' '}
                  <code className="font-mono text-sm">--uninstall</code>.
                </AlertDialog.Description>
                <TextField
                  label={`Type ${host} to confirm`}
                  value={typed}
                  onChange={setTyped}
                  autoCapitalize="off"
                />
                <FormAlert text={remove.isError ? remove.error.message : null} />
                <div className="flex flex-wrap justify-end gap-2">
                  <AlertDialog.Close className={buttonClass()}>Keep it</AlertDialog.Close>
                  <Button
                    type="submit"
                    variant="danger"
                    disabled={!isMeant || remove.isPending}
                    focusableWhenDisabled
                  >
                    Remove host
                  </Button>
                </div>
              </form>
            )}
          </AlertDialog.Popup>
        </AlertDialog.Viewport>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}

type RemovedProps = { readonly removed: RemovedTarget; readonly onClose: () => void };

/**
 * Lists the Redis commands to run if the hub must not change users. The host's key stays valid
 * until then.
 */
function Removed({ removed, onClose }: RemovedProps) {
  return (
    <div className="flex flex-col gap-4">
      <AlertDialog.Description>
        This hub is not allowed to change Redis users.{' '}
        <strong>The host's key stays valid until you run these lines</strong> in redis-cli:
      </AlertDialog.Description>
      <CommandLine text={removed.redis.lines.join('\n')} />
      <Button variant="primary" className="self-end" onClick={onClose}>
        I have run them
      </Button>
    </div>
  );
}
