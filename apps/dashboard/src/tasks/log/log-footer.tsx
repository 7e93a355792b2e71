import type { TaskLog } from '@booner/client';
import { ArrowDownToLine } from 'lucide-react';
import { formatCount } from '../../format/numbers.ts';
import { Button } from '../../ui/button.tsx';

export type LogFooterProps = {
  readonly log: TaskLog;
  /** Lines that arrived since the log was paused. */
  readonly heldBack: number;
  readonly isPaused: boolean;
  readonly isFollowing: boolean;
  /** Result of the last command, such as a copy. */
  readonly note: string | null;
  readonly onJump: () => void;
};

/** Size of the log, and whether new lines are being followed. */
export function LogFooter({ log, heldBack, isPaused, isFollowing, note, onJump }: LogFooterProps) {
  return (
    <div className="flex h-11 items-center justify-between gap-3 border-t border-line px-4 text-sm text-muted">
      <p className="truncate">
        {countOf(log.lastLine)}
        {log.droppedLines > 0 && `, ${formatCount(log.droppedLines)} of them missing`}
        {log.error !== null && <span className="text-bad"> · the log ends here: {log.error.message}</span>}
        <span role="status">{note !== null && ` · ${note}`}</span>
      </p>
      {isPaused ? (
        <p role="status" className="font-semibold whitespace-nowrap text-warn">
          Paused · {formatCount(heldBack)} new {heldBack === 1 ? 'line' : 'lines'}
        </p>
      ) : isFollowing ? (
        <p className="whitespace-nowrap">{log.isEnded || log.error !== null ? 'End of log' : 'Following'}</p>
      ) : (
        <Button onClick={onJump}>
          <ArrowDownToLine size={16} aria-hidden="true" />
          Jump to the end
        </Button>
      )}
    </div>
  );
}

const countOf = (lines: number): string => (lines === 1 ? '1 line' : `${formatCount(lines)} lines`);
