import { formatAgo, formatDateTime } from '../format/times.ts';
import { useEachSecond } from './use-now.ts';

/** Time since a moment. The exact time on hover. */
export function TimeAgo({ atMs, className }: { readonly atMs: number; readonly className?: string }) {
  const ago = useEachSecond((nowMs) => formatAgo(Math.max(0, nowMs - atMs)));
  return (
    <time className={className} dateTime={new Date(atMs).toISOString()} title={formatDateTime(atMs)}>
      {ago}
    </time>
  );
}
