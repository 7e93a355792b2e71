import { useBoonerClient } from '@booner/react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';
import { buttonClass } from '../ui/button.tsx';
import { accessQuery } from './access-query.ts';
import { SignInForm } from './sign-in-form.tsx';
import { type SignInSearch, safeReturn } from './sign-in-search.ts';

const route = getRouteApi('/dashboard/sign-in');

const REASONS: Readonly<Record<NonNullable<SignInSearch['reason']>, string>> = {
  ended: 'Your session has ended: it expired or was revoked.',
  'signed-out': 'You have signed out.',
  'signed-out-everywhere': 'You have signed out in this and all other browsers.',
};

/** View for signing in. */
export function SignInView() {
  const { return: wanted, reason } = route.useSearch();
  const client = useBoonerClient();
  const queries = useQueryClient();
  const router = useRouter();
  const access = useQuery(accessQuery(client));
  const target = safeReturn(wanted, location.origin);
  const goOn = () => {
    client.reconnect();
    router.history.replace(target);
  };
  useEffect(() => {
    document.title = 'Sign in · Booner';
  }, []);
  const isIn = access.data !== undefined && (!access.data.required || access.data.signedIn !== null);
  const { oidc = null } = access.data ?? {};
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-sm flex-col justify-center gap-4 p-4 pb-[12dvh]">
      <div className="flex items-center gap-3">
        <img src="/favicon.svg" alt="" width="32" height="32" />
        <h1 className="text-xl font-semibold">Sign in to Booner</h1>
      </div>
      {reason !== undefined && (
        <p role="status" className="rounded-md border border-line bg-panel px-3 py-2">
          {REASONS[reason]}
        </p>
      )}
      <div className="flex flex-col gap-4 rounded-md border border-line bg-panel p-4">
        {oidc !== null && (
          <>
            <a
              href={`${oidc.path}?return=${encodeURIComponent(target)}`}
              className={buttonClass('primary', 'h-10 w-full')}
            >
              {oidc.label}
            </a>
            <p className="flex items-center gap-3 text-sm text-muted before:h-px before:flex-1 before:bg-line before:content-[''] after:h-px after:flex-1 after:bg-line after:content-['']">
              or with a token
            </p>
          </>
        )}
        <SignInForm
          isIn={isIn}
          isMain={oidc === null}
          onIn={(state) => {
            if (state !== null) {
              queries.clear(); // fetched as another identity
              queries.setQueryData(accessQuery(client).queryKey, state);
            }
            goOn();
          }}
        />
      </div>
      {access.isError && (
        <p role="alert" className="text-bad">
          The hub did not say how to sign in: {access.error.message}
        </p>
      )}
      <details className="text-muted">
        <summary className="w-fit py-1">I don’t have a token</summary>
        <p className="mt-1">
          Ask an admin for a token or a sign-in link. The first admin token was shown when the hub first
          started. With it you can create others, here or with{' '}
          <code className="font-mono text-sm">booner token create</code>.
        </p>
      </details>
    </main>
  );
}
