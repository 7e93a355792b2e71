import type { ListedCredential } from '@booner/protocol';
import { OLD_SECRET_MS } from '@booner/protocol/limits';
import type { ReactNode } from 'react';
import { scopeText } from '../access/access.ts';
import { useAccess } from '../access/use-access.ts';
import { formatDateTime } from '../format/times.ts';
import { TimeAgo } from '../ui/time-ago.tsx';
import { RevokeButton } from './revoke-button.tsx';

export type CredentialRowProps = {
  readonly credential: ListedCredential;
  /** Number of browsers signed in with it. */
  readonly sessions: number;
};

/** A token or a session: its owner, its rights, and how long it is valid. */
export function CredentialRow({ credential, sessions }: CredentialRowProps) {
  const { id, kind, name, subject, role, scopes, createdAtMs, createdBy, expiresAtMs, lastUsedAtMs } =
    credential;
  const isOld = Date.now() - createdAtMs >= OLD_SECRET_MS;
  const isOwn = useAccess().signedIn?.credentialId === id;
  return (
    <li className="flex items-start gap-4 py-3 first:pt-0 last:pb-0">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline gap-x-2">
          <span className="font-semibold break-words">{kind === 'session' ? subject : name}</span>
          <span className="rounded-md border border-line px-1.5 text-sm">{role}</span>
          {isOwn && <span className="text-sm text-good">● this browser</span>}
        </p>
        {role !== 'viewer' && (scopes.hosts !== null || scopes.actions !== null) && (
          <p className="text-sm break-words">May run {scopeText(scopes)}</p>
        )}
        {(scopes.reads ?? null) !== null && (
          <p className="text-sm break-words">Sees only {scopes.reads || 'nothing'}</p>
        )}
        <dl className="mt-1 flex flex-wrap gap-x-4 text-sm text-muted">
          <Fact name="Last used">{lastUsedAtMs === null ? 'never' : <TimeAgo atMs={lastUsedAtMs} />}</Fact>
          <Fact name={kind === 'session' ? 'Signed in' : 'Created'}>
            <TimeAgo atMs={createdAtMs} />
            {kind === 'token' && ` by ${createdBy}`}
            {kind === 'token' && isOld && ', older than 90 days'}
          </Fact>
          <Fact name="Valid">
            {expiresAtMs === null ? 'until revoked' : `until ${formatDateTime(expiresAtMs)}`}
          </Fact>
        </dl>
      </div>
      <RevokeButton credential={credential} sessions={sessions} isOwn={isOwn} />
    </li>
  );
}

const Fact = ({ name, children }: { readonly name: string; readonly children: ReactNode }) => (
  <div className="min-w-0 break-words">
    <dt className="inline">{name}</dt> <dd className="inline">{children}</dd>
  </div>
);
