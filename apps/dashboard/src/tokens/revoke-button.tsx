import { AlertDialog } from '@base-ui/react/alert-dialog';
import type { ListedCredential } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import clsx from 'clsx';
import { useState } from 'react';
import { Button, buttonClass } from '../ui/button.tsx';
import { FormAlert } from '../ui/form-alert.tsx';
import { modalClasses } from '../ui/modal-classes.ts';
import { tokensQuery } from './tokens-query.ts';

export type RevokeButtonProps = {
  readonly credential: ListedCredential;
  readonly sessions: number;
  /** It is the session of this browser. */
  readonly isOwn: boolean;
};

/** Revokes a token, or ends a session, after the question whether that is meant. */
export function RevokeButton({ credential, sessions, isOwn }: RevokeButtonProps) {
  const client = useBoonerClient();
  const queries = useQueryClient();
  const [isOpen, setIsOpen] = useState(false);
  const { id, kind, name, subject } = credential;
  const who = kind === 'session' ? subject : name;
  const revoke = useMutation({
    mutationFn: () => client.revokeToken(id),
    onSuccess: async () => {
      setIsOpen(false);
      await queries.invalidateQueries({ queryKey: tokensQuery(client).queryKey });
    },
  });
  const verb = kind === 'session' ? 'End session' : 'Revoke';
  const open = (next: boolean) => {
    if (next) revoke.reset();
    setIsOpen(next);
  };
  return (
    <AlertDialog.Root open={isOpen} onOpenChange={open}>
      <AlertDialog.Trigger className={buttonClass()} aria-label={`${verb}: ${who}`}>
        {kind === 'session' ? 'End' : 'Revoke'}
      </AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={modalClasses.backdrop} />
        <AlertDialog.Viewport className={modalClasses.viewport}>
          <AlertDialog.Popup className={clsx(modalClasses.popup, 'max-w-md gap-4 p-4')}>
            <div className="flex flex-col gap-2">
              <AlertDialog.Title className="text-lg font-semibold break-words">
                {kind === 'session' ? `End the session of ${who}?` : `Revoke ${who}?`}
              </AlertDialog.Title>
              <AlertDialog.Description className="text-muted">
                {whatHappens(kind, sessions, isOwn)}
              </AlertDialog.Description>
              <FormAlert text={revoke.isError ? revoke.error.message : null} />
            </div>
            <div className="flex flex-wrap justify-end gap-2">
              <AlertDialog.Close className={buttonClass()}>Keep it</AlertDialog.Close>
              <Button
                variant="danger"
                onClick={() => revoke.mutate()}
                disabled={revoke.isPending}
                focusableWhenDisabled
              >
                {verb}
              </Button>
            </div>
          </AlertDialog.Popup>
        </AlertDialog.Viewport>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}

function whatHappens(kind: ListedCredential['kind'], sessions: number, isOwn: boolean): string {
  if (isOwn) return 'It is the session of this browser: you will have to sign in again.';
  if (kind === 'session')
    return 'That browser has to sign in again. What it has open closes within two seconds.';
  const browsers =
    sessions === 0
      ? ''
      : ` So ${sessions === 1 ? 'is one browser' : `are ${sessions} browsers`} that signed in with it.`;
  return `Whatever uses it is refused within two seconds, for good.${browsers}`;
}
