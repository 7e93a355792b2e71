import { Outlet, useMatches } from '@tanstack/react-router';
import { AccessGate } from '../access/access-gate.tsx';
import { SIGN_IN_PATH } from '../access/sign-in-search.ts';
import { Shell } from './shell.tsx';

/** The page. The sign-in stands alone: it asks the hub for nothing that needs one to be signed in. */
export function Root() {
  // Not by the location, which changes before the view does.
  const isSignIn = useMatches({
    select: (matches) => matches.some(({ routeId }) => routeId === SIGN_IN_PATH),
  });
  if (isSignIn) return <Outlet />;
  return (
    <AccessGate>
      <Shell />
    </AccessGate>
  );
}
