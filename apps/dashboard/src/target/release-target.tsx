import { AlertDialog } from '@base-ui/react/alert-dialog';
import { useBoonerClient } from '@booner/react';
import { useMutation } from '@tanstack/react-query';
import clsx from 'clsx';
import { LockOpen } from 'lucide-react';
import { useState } from 'react';
import { useAccess } from '../access/use-access.ts';
import { Button, buttonClass } from '../ui/button.tsx';
import { CommandLine } from '../ui/command-line.tsx';
import { FormAlert } from '../ui/form-alert.tsx';
import { modalClasses } from '../ui/modal-classes.ts';

export type ReleaseTargetProps = { readonly host: string; readonly isQuarantined: boolean };

/** Releases a target from quarantine. For admins. */
export function ReleaseTarget({ host, isQuarantined }: ReleaseTargetProps) {
  const client = useBoonerClient();
  const [isOpen, setIsOpen] = useState(false);
  const release = useMutation({
    mutationFn: () => client.releaseTarget(host),
    onSuccess: ({ redis }) => setIsOpen(redis.lines.length > 0),
  });
  const lines = release.data?.redis.lines ?? [];
  if (!useAccess().may('admin') || !(isQuarantined || isOpen)) return null;
  const open = (next: boolean) => {
    if (next) release.reset();
    setIsOpen(next);
  };
  return (
    <AlertDialog.Root open={isOpen} onOpenChange={open}>
      <AlertDialog.Trigger className={buttonClass()}>
        <LockOpen size={16} aria-hidden="true" />
        Release
      </AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={modalClasses.backdrop} />
        <AlertDialog.Viewport className={modalClasses.viewport}>
          <AlertDialog.Popup className={clsx(modalClasses.popup, 'flex max-w-lg flex-col gap-4 p-4')}>
            <AlertDialog.Title className="text-lg font-semibold break-words">
              {release.isSuccess ? `${host} was released` : `Release ${host}?`}
            </AlertDialog.Title>
            <AlertDialog.Description className="text-muted">
              {release.isSuccess
                ? 'This hub is not allowed to change Redis users. If you removed those of the host, create them again with these lines in redis-cli:'
                : 'Its Redis logins work again. If it still floods Redis, it is quarantined again within seconds. If its key may have been stolen, add the host again and replace its identity instead.'}
            </AlertDialog.Description>
            {lines.length > 0 && <CommandLine text={lines.join('\n')} />}
            <FormAlert text={release.isError ? release.error.message : null} />
            <div className="flex flex-wrap justify-end gap-2">
              <AlertDialog.Close className={buttonClass()}>
                {release.isSuccess ? 'Close' : 'Keep it quarantined'}
              </AlertDialog.Close>
              {!release.isSuccess && (
                <Button
                  variant="primary"
                  disabled={release.isPending}
                  focusableWhenDisabled
                  onClick={() => release.mutate()}
                >
                  Release host
                </Button>
              )}
            </div>
          </AlertDialog.Popup>
        </AlertDialog.Viewport>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
