import { useBoonerClient, useConnection, useTargets } from '@booner/react';
import { useEffect, useState } from 'react';
import { useViewTitle } from '../ui/use-title.ts';
import { hasTrouble, titleOf } from './title-of.ts';

/**
 * Updates the page's title and icon, so that trouble is visible from another tab. Renders nothing.
 */
export function PageTitle() {
  const { targets } = useTargets();
  const trouble = {
    isHubUnreachable: useConnection().type === 'offline',
    offlineTargets: targets.filter(({ status }) => status === 'offline').length,
    failedTasks: useUnseenFailures(),
  };
  const title = titleOf(trouble, useViewTitle());
  useEffect(() => {
    document.title = title;
  }, [title]);

  const icon = hasTrouble(trouble) ? '/favicon-trouble.svg' : '/favicon.svg';
  useEffect(() => {
    document.querySelector<HTMLLinkElement>('link[rel="icon"]')?.setAttribute('href', icon);
  }, [icon]);
  return null;
}

/** Returns the number of tasks that failed since the page was last visible. */
function useUnseenFailures(): number {
  const client = useBoonerClient();
  const [count, setCount] = useState(0);
  useEffect(() => {
    const leave = client.onTaskChange(({ task, previous }) => {
      const hasJustFailed = task.status === 'failed' && previous?.status !== 'failed';
      if (hasJustFailed && document.visibilityState === 'hidden') setCount((before) => before + 1);
    });
    const look = () => {
      if (document.visibilityState === 'visible') setCount(0);
    };
    document.addEventListener('visibilitychange', look);
    return () => {
      leave();
      document.removeEventListener('visibilitychange', look);
    };
  }, [client]);
  return count;
}
