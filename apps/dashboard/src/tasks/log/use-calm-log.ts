import type { TaskLog } from '@booner/client';
import { useEffect, useEffectEvent, useState } from 'react';

/** A log of so many lines is laid out anew in some milliseconds. */
const MANY_LINES = 20_000;
const PAUSE_MS = 200;

/** A log as it is; a very long one that still grows some times a second, which leaves time for everything else on the page. */
export function useCalmLog(log: TaskLog): TaskLog {
  const [shown, setShown] = useState(log);
  const isCalm = log.lines.length < MANY_LINES || log.isEnded || log.error !== null;
  const show = useEffectEvent(() => setShown(log));
  useEffect(() => {
    if (isCalm) return;
    const timer = setInterval(() => show(), PAUSE_MS);
    return () => clearInterval(timer);
  }, [isCalm]);
  return isCalm ? log : shown.lines.length < MANY_LINES ? log : shown;
}
