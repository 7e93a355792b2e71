import { useBoonerClient } from '@booner/react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { accessQuery } from './access-query.ts';
import { isSigningOut } from './use-sign-out.ts';

/** After this long, the page no longer waits for the hub to say whether sign-in is required. */
const PATIENCE_MS = 1000;

/**
 * Shows the page to users with access, and sends others to the sign-in view: at the start, and when
 * a session has ended.
 */
export function AccessGate({ children }: { readonly children: ReactNode }) {
  const client = useBoonerClient();
  const navigate = useNavigate();
  const { data, isPending, refetch } = useQuery(accessQuery(client));
  const isOut = data?.required === true && data.signedIn === null;
  const wasIn = useRef(false);

  // A refusal may mean that the session has ended. An answer means that an unreachable hub is back.
  const isKnown = data !== undefined;
  useEffect(
    () =>
      client.connection.subscribe(() => {
        const { type, reason } = client.connection.getSnapshot();
        if (reason.code === 'refused' || (!isKnown && type === 'live')) void refetch();
      }),
    [client, isKnown, refetch],
  );
  useEffect(() => {
    if (data?.required === true && data.signedIn !== null) wasIn.current = true;
    if (!isOut || isSigningOut()) return;
    const { pathname, search } = location;
    void navigate({
      to: '/dashboard/sign-in',
      search: { return: `${pathname}${search}`, reason: wasIn.current ? 'ended' : undefined },
      replace: true,
    });
  }, [data, isOut, navigate]);

  const isLate = useIsLate();
  if (isOut || (isPending && !isLate)) return null;
  return children;
}

function useIsLate(): boolean {
  const [isLate, setIsLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return isLate;
}
