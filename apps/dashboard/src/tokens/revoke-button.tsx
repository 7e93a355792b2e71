import type { ListedCredential } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useQueryClient } from '@tanstack/react-query';
import { ConfirmButton } from '../ui/confirm-button.tsx';
import { tokensQuery } from './tokens-query.ts';

export type RevokeButtonProps = {
  readonly credential: ListedCredential;
  readonly sessions: number;
  /** It is the session of this browser. */
  readonly isOwn: boolean;
};

/** Revokes a token or ends a session, after a confirmation. */
export function RevokeButton({ credential, sessions, isOwn }: RevokeButtonProps) {
  const client = useBoonerClient();
  const queries = useQueryClient();
  const { id, kind, name, subject } = credential;
  const isSession = kind === 'session';
  const who = isSession ? subject : name;
  const verb = isSession ? 'End session' : 'Revoke';
  const revoke = async () => {
    await client.revokeToken(id);
    await queries.invalidateQueries({ queryKey: tokensQuery(client).queryKey });
  };
  return (
    <ConfirmButton
      label={`${verb}: ${who}`}
      question={isSession ? `End the session of ${who}?` : `Revoke ${who}?`}
      whatHappens={whatHappens(kind, sessions, isOwn)}
      verb={verb}
      onConfirm={revoke}
    >
      {isSession ? 'End' : 'Revoke'}
    </ConfirmButton>
  );
}

function whatHappens(kind: ListedCredential['kind'], sessions: number, isOwn: boolean): string {
  if (isOwn) return 'This is the session of this browser. You will have to sign in again.';
  if (kind === 'session')
    return 'The browser has to sign in again. Its open pages stop working within two seconds.';
  const browsers =
    sessions === 0
      ? ''
      : ` This includes ${sessions === 1 ? 'one browser' : `${sessions} browsers`} signed in with it.`;
  return `Everything that uses this token is refused within two seconds. This cannot be undone.${browsers}`;
}
