import { useBoonerClient, useConnection } from '@booner/react';
import { formatClock, formatDuration } from '../format/times.ts';
import { useOutage } from '../live/use-outage.ts';
import { Button } from '../ui/button.tsx';
import { useNow } from '../ui/use-now.ts';

/** Full-width bar while the page receives no current data. Empty otherwise. */
export function OutageBar() {
  return useOutage() === null ? null : <Bar />;
}

function Bar() {
  const client = useBoonerClient();
  const outage = useOutage();
  const { ageMs } = useConnection();
  const nowMs = useNow();
  if (outage === null) return null;
  const { of, sinceMs } = outage;
  const oldMs = of === 'redis' ? sinceMs && nowMs - sinceMs : ageMs;
  return (
    // The style sheet moves what sticks to the top below it.
    <div data-outage className="h-10 bg-bad-solid text-on-bad">
      <div className="mx-auto flex h-full max-w-[1600px] items-center gap-3 px-4 max-sm:px-2">
        <p className="min-w-0 flex-1 truncate max-sm:text-sm">
          <span aria-hidden="true">{of === 'hub' ? '✕ ' : '▲ '}</span>
          <b className="font-semibold">
            {of === 'hub' ? 'Hub unreachable' : 'Redis unreachable'}
            {sinceMs !== null && ` since ${formatClock(sinceMs)}`}
          </b>
          {oldMs !== null && (
            <span className="max-sm:hidden">
              {`. Data is ${formatDuration(oldMs)} old. ${of === 'hub' ? 'Reconnecting.' : 'Tasks wait. The hub is reconnecting.'}`}
            </span>
          )}
        </p>
        {of === 'hub' && (
          <Button
            className="h-7 border-on-bad! bg-transparent! text-on-bad! hover:opacity-80 pointer-coarse:h-8"
            onClick={() => client.reconnect()}
          >
            Retry
          </Button>
        )}
      </div>
    </div>
  );
}
