import { formatDateTime, formatUntil } from '../format/times.ts';
import { useEachSecond } from '../ui/use-now.ts';

/** Time until a moment. The exact time on hover. */
export function TimeUntil({ atMs }: { readonly atMs: number }) {
  const until = useEachSecond((nowMs) => formatUntil(atMs - nowMs));
  return (
    <time dateTime={new Date(atMs).toISOString()} title={formatDateTime(atMs)}>
      {until}
    </time>
  );
}
