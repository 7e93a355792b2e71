import type { ListedCredential } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useQuery } from '@tanstack/react-query';
import { Link2, Plus } from 'lucide-react';
import { useState } from 'react';
import { AdminsOnly } from '../access/admins-only.tsx';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Panel } from '../ui/panel.tsx';
import { useTitle } from '../ui/use-title.ts';
import { CredentialRow } from './credential-row.tsx';
import { NewLinkDialog } from './new-link-dialog.tsx';
import { NewTokenDialog } from './new-token-dialog.tsx';
import { tokensQuery } from './tokens-query.ts';

/** Lists who has access to this hub: tokens and signed-in browsers. */
export function TokensView() {
  useTitle('Tokens');
  return (
    <AdminsOnly title="Tokens and sessions">
      <Tokens />
    </AdminsOnly>
  );
}

function Tokens() {
  const tokens = useQuery(tokensQuery(useBoonerClient()));
  const [dialog, setDialog] = useState<'token' | 'link' | null>(null);
  const close = () => setDialog(null);
  return (
    <div className="mx-auto flex max-w-4xl flex-col gap-4">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h1 className="text-xl font-semibold outline-none">Tokens and sessions</h1>
        <span className="flex flex-wrap gap-2">
          <Button onClick={() => setDialog('link')}>
            <Link2 size={16} aria-hidden="true" />
            Sign-in link
          </Button>
          <Button variant="primary" onClick={() => setDialog('token')}>
            <Plus size={16} aria-hidden="true" />
            New token
          </Button>
        </span>
      </div>
      {tokens.data !== undefined ? (
        <Credentials all={tokens.data} />
      ) : (
        <Panel className="min-h-40">
          {tokens.isError ? (
            <div role="alert">
              <EmptyState title="Could not load the tokens">
                <p className="mb-4">{tokens.error.message}</p>
                <Button variant="primary" onClick={() => void tokens.refetch()}>
                  Try again
                </Button>
              </EmptyState>
            </div>
          ) : (
            <p role="status" className="py-10 text-center text-muted">
              Loading the tokens …
            </p>
          )}
        </Panel>
      )}
      {dialog === 'token' && <NewTokenDialog onClose={close} />}
      {dialog === 'link' && <NewLinkDialog onClose={close} />}
    </div>
  );
}

function Credentials({ all }: { readonly all: readonly ListedCredential[] }) {
  const tokens = all.filter(({ kind }) => kind === 'token');
  const sessions = all.filter(({ kind }) => kind === 'session');
  const sessionsOf = (id: string) => sessions.filter(({ parentId }) => parentId === id).length;
  return (
    <>
      <Panel title="Tokens">
        {tokens.length === 0 ? (
          <EmptyState title="No tokens">
            Create one for each program, and for each person without an account at your identity provider.
          </EmptyState>
        ) : (
          <ul className="divide-y divide-line">
            {tokens.map((token) => (
              <CredentialRow key={token.id} credential={token} sessions={sessionsOf(token.id)} />
            ))}
          </ul>
        )}
      </Panel>
      <Panel title="Signed-in browsers">
        {sessions.length === 0 ? (
          <EmptyState title="No browsers are signed in" />
        ) : (
          <ul className="divide-y divide-line">
            {sessions.map((session) => (
              <CredentialRow key={session.id} credential={session} sessions={0} />
            ))}
          </ul>
        )}
      </Panel>
    </>
  );
}
