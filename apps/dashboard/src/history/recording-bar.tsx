import { formatAgo, formatDateTime } from '../format/times.ts';
import { useNow } from '../ui/use-now.ts';
import { useRecording } from './recording-query.ts';

/** Bar while the hub does not record the history. Empty otherwise. */
export function RecordingBar() {
  const recording = useRecording();
  return recording?.state === 'stopped' ? <Bar {...recording} /> : null;
}

type BarProps = { readonly reason: string; readonly sinceMs: number };

function Bar({ reason, sinceMs }: BarProps) {
  const ago = formatAgo(useNow() - sinceMs);
  return (
    <div role="status" className="border-b border-warn-fill bg-warn-wash">
      <p className="mx-auto max-w-[1600px] px-4 py-2 break-words max-sm:px-2">
        <span aria-hidden="true">▲ </span>
        <b className="font-semibold">
          The history is not recorded{' '}
          <span className="font-normal">
            (stopped <time title={formatDateTime(sinceMs)}>{ago}</time>)
          </span>
          :
        </b>{' '}
        {reason}. Charts of the last 15 minutes and tasks are not affected.
      </p>
    </div>
  );
}
