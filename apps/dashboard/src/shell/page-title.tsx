import { useBoonerClient } from '@booner/react';
import { useEffect, useState } from 'react';
import { useAlertCounts } from '../alerts/use-open-alerts.ts';
import { useTroubleCount } from '../fleet/use-ranked-targets.ts';
import { useOutage } from '../live/use-outage.ts';
import { useViewTitle } from '../ui/use-title.ts';
import { hasTrouble, titleOf } from './title-of.ts';

/**
 * Updates the page's title and icon, so that trouble is visible from another tab. Renders nothing.
 */
export function PageTitle() {
  const trouble = {
    outage: useOutage()?.of ?? null,
    criticalAlerts: useAlertCounts()?.critical ?? 0,
    targets: useTroubleCount(),
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
