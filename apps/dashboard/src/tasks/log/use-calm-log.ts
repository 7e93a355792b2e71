import type { TaskLog } from '@booner/client';
import { useEffect, useEffectEvent, useState } from 'react';

/** Logs of more lines take some milliseconds to lay out. */
const MANY_LINES = 20_000;
const PAUSE_MS = 200;

/**
 * Returns a log as it is. A very long one that still grows is updated a few times a second, which
 * keeps the page responsive.
 */
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
