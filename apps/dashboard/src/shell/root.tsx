import { Outlet, useMatches } from '@tanstack/react-router';
import { AccessGate } from '../access/access-gate.tsx';
import { SIGN_IN_PATH } from '../access/sign-in-search.ts';
import { Shell } from './shell.tsx';

/** The page. The sign-in view stands alone, since it requests nothing that requires sign-in. */
export function Root() {
  // Not by the location, which changes before the view.
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
