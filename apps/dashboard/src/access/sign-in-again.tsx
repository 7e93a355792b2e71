import { BoonerError } from '@booner/client';
import type { AuthState } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { DialogForm } from '../ui/dialog-form.tsx';
import { DialogFrame } from '../ui/dialog-frame.tsx';
import { issuesOfAnswer } from '../ui/form-issues.ts';
import { accessQuery } from './access-query.ts';
import { onSignedIn, SIGNED_IN_PATH } from './signed-in-news.ts';
import { TokenField } from './token-field.tsx';
import { missingTokenIssue, tokenIn } from './token-in.ts';
import { useSignOut } from './use-sign-out.ts';

export type SignInAgainProps = {
  /** Error of the request that may need a recent sign-in. */
  readonly error: Error | null;
  /** Repeats the request. */
  readonly onConfirmed: () => void;
};

/**
 * Asks the user to confirm the session if the hub refused a request because the last sign-in is too
 * long ago. Belongs into the dialog of the request, which keeps what was typed.
 */
export function SignInAgain({ error, onConfirmed }: SignInAgainProps) {
  const [closedFor, setClosedFor] = useState<Error | null>(null);
  const isNeeded = error instanceof BoonerError && error.problem?.code === 'sign_in_again';
  const close = () => setClosedFor(error);
  return (
    <DialogFrame
      open={isNeeded && closedFor !== error}
      onOpenChange={(open) => !open && close()}
      title="Confirm that it’s you"
      className="max-w-md"
    >
      <Confirmation
        onConfirmed={() => {
          close();
          onConfirmed();
        }}
        onCancel={close}
      />
    </DialogFrame>
  );
}

type ConfirmationProps = { readonly onConfirmed: () => void; readonly onCancel: () => void };

/** Asks for what the session was started with. */
function Confirmation({ onConfirmed, onCancel }: ConfirmationProps) {
  const client = useBoonerClient();
  const { data } = useQuery(accessQuery(client));
  switch (data?.signedIn?.confirmWith ?? null) {
    case 'token':
      return <TokenForm onConfirmed={onConfirmed} onCancel={onCancel} />;
    case 'identity_provider':
      return <ProviderButton oidc={data?.oidc ?? null} onConfirmed={onConfirmed} onCancel={onCancel} />;
    default:
      return <SignOutInstead onCancel={onCancel} />;
  }
}

const WHY = 'Creating tokens, links and hosts needs a sign-in within the last 15 minutes.';

function TokenForm({ onConfirmed, onCancel }: ConfirmationProps) {
  const client = useBoonerClient();
  const queries = useQueryClient();
  const [text, setText] = useState('');
  const [isMissing, setIsMissing] = useState(false);
  const confirm = useMutation({
    mutationFn: (token: string) => client.confirmSession(token),
    onSuccess: (state) => {
      queries.setQueryData(accessQuery(client).queryKey, state);
      onConfirmed();
    },
  });
  const issues = issuesOfAnswer(confirm.error, []);
  return (
    <DialogForm
      label="Confirm that it’s you"
      submitText={confirm.isPending ? 'Confirming …' : 'Confirm'}
      isBusy={confirm.isPending}
      alert={null}
      onSubmit={() => {
        const token = tokenIn(text);
        setIsMissing(token === null);
        if (token !== null) confirm.mutate(token);
      }}
      onCancel={onCancel}
    >
      <p className="text-muted">{WHY}</p>
      <TokenField
        value={text}
        onChange={(value) => {
          setText(value);
          setIsMissing(false);
          confirm.reset();
        }}
        hint="The one that you signed in with. If that was a link, sign out and sign in with a token."
        issue={isMissing ? missingTokenIssue(text) : issues.form[0]}
      />
    </DialogForm>
  );
}

type ProviderButtonProps = ConfirmationProps & { readonly oidc: AuthState['oidc'] };

/** Signs in again in a window of its own, so that this one keeps what was typed. */
function ProviderButton({ oidc, onConfirmed, onCancel }: ProviderButtonProps) {
  const client = useBoonerClient();
  const queries = useQueryClient();
  const [isOpened, setIsOpened] = useState(false);
  const goOn = useEffectEvent(() => {
    void queries.invalidateQueries({ queryKey: accessQuery(client).queryKey });
    onConfirmed();
  });
  useEffect(() => onSignedIn(() => goOn()), []);
  const path = `${oidc?.path}?again=true&return=${encodeURIComponent(SIGNED_IN_PATH)}`;
  return (
    <>
      <p className="text-muted">{WHY}</p>
      <p role="status" className="empty:hidden">
        {isOpened && 'Sign in in the other window. This one continues on its own.'}
      </p>
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onCancel}>Cancel</Button>
        <Button
          variant="primary"
          onClick={() => {
            window.open(path, '_blank', 'popup,width=520,height=720');
            setIsOpened(true);
          }}
        >
          {oidc?.label}
        </Button>
      </div>
    </>
  );
}

/** For sessions that were started with a link of somebody without a token. */
function SignOutInstead({ onCancel }: Pick<ConfirmationProps, 'onCancel'>) {
  const signOut = useSignOut();
  return (
    <>
      <p className="text-muted">
        {WHY} You signed in with a link, which works only once. Sign out, then sign in with a token or another
        link.
      </p>
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onCancel}>Cancel</Button>
        <Button
          variant="primary"
          disabled={signOut.isPending}
          focusableWhenDisabled
          onClick={() => signOut.mutate({ everywhere: false })}
        >
          Sign out
        </Button>
      </div>
    </>
  );
}
