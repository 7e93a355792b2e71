import { Outlet, useMatches } from '@tanstack/react-router';
import { AccessGate } from '../access/access-gate.tsx';
import { SIGN_IN_PATH } from '../access/sign-in-search.ts';
import { SIGNED_IN_PATH } from '../access/signed-in-news.ts';
import { ACKNOWLEDGE_PATH } from '../alerts/link/held-link.ts';
import { Shell } from './shell.tsx';

/** Views without the frame: they request nothing that requires sign-in. */
const ALONE: readonly string[] = [SIGN_IN_PATH, SIGNED_IN_PATH, ACKNOWLEDGE_PATH];

/** The page. */
export function Root() {
  // Not by the location, which changes before the view.
  const isAlone = useMatches({
    select: (matches) => matches.some(({ routeId }) => ALONE.includes(routeId)),
  });
  if (isAlone) return <Outlet />;
  return (
    <AccessGate>
      <Shell />
    </AccessGate>
  );
}
