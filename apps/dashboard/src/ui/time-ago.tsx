import { formatAgo, formatDateTime } from '../format/times.ts';
import { useNow } from './use-now.ts';

/** How long ago a moment was; the moment itself on hover. */
export function TimeAgo({ atMs, className }: { readonly atMs: number; readonly className?: string }) {
  const ageMs = Math.max(0, useNow() - atMs);
  return (
    <time className={className} dateTime={new Date(atMs).toISOString()} title={formatDateTime(atMs)}>
      {formatAgo(ageMs)}
    </time>
  );
}
