import type { LogLine } from '@booner/protocol';
import clsx from 'clsx';
import { memo } from 'react';
import { lineSpans } from './line-spans.ts';

type Mark = { readonly sign: string; readonly name: string; readonly className: string };

/** Source of a line, unless it is the usual one. */
const MARKS: Readonly<Record<LogLine['stream'], Mark | null>> = {
  stdout: null,
  stderr: { sign: '!', name: 'stderr', className: 'font-bold text-warn' },
  runner: { sign: '›', name: 'the runner', className: 'text-accent' },
};

export type LogLineRowProps = {
  readonly line: LogLine;
  readonly pattern: RegExp | null;
  /** The match that was jumped to. */
  readonly isCurrent: boolean;
  readonly isWrapped: boolean;
  readonly onCopy: (line: LogLine) => void;
};

/** One line: its number, which copies it, its source, and its text in colour. */
export const LogLineRow = memo(function LogLineRow({
  line,
  pattern,
  isCurrent,
  isWrapped,
  onCopy,
}: LogLineRowProps) {
  const mark = MARKS[line.stream];
  return (
    <div
      className={clsx(
        'flex min-h-5',
        // Opaque: the number inherits the background and covers the text of a line that is scrolled
        // sideways.
        isCurrent ? 'bg-warn-wash' : 'bg-panel hover:bg-raised',
        line.stream === 'stderr' ? '[--mark:var(--warn-fill)]' : '[--mark:var(--accent)]',
      )}
    >
      <span
        className={clsx(
          'sticky left-0 flex shrink-0 bg-inherit select-none',
          mark !== null && 'shadow-[inset_2px_0_var(--mark)]',
        )}
      >
        <button
          type="button"
          tabIndex={-1}
          onClick={() => onCopy(line)}
          title="Copy this line"
          className="w-[calc(var(--digits)*1ch+1rem)] self-start pr-1 text-right text-muted hover:text-ink"
        >
          {line.line}
        </button>
        <span className={clsx('w-4 text-center', mark?.className)} title={mark?.name}>
          {mark !== null && (
            <>
              <span aria-hidden="true">{mark.sign}</span>
              <span className="sr-only">{mark.name}: </span>
            </>
          )}
        </span>
      </span>
      <span
        className={clsx(
          'min-w-0 flex-1 pr-3 [tab-size:8]',
          isWrapped ? 'break-all whitespace-pre-wrap' : 'whitespace-pre',
          line.stream === 'runner' && 'italic',
        )}
      >
        {lineSpans(line.text, pattern).map(({ text, className, isMatch }, index) =>
          isMatch ? (
            <mark
              // biome-ignore lint/suspicious/noArrayIndexKey: a line never changes
              key={index}
              className={clsx(
                'rounded-xs',
                isCurrent ? 'bg-accent text-on-accent' : 'bg-warn-wash text-ink outline outline-warn-fill',
              )}
            >
              {text}
            </mark>
          ) : className === null ? (
            text
          ) : (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line never changes
            <span key={index} className={className}>
              {text}
            </span>
          ),
        )}
      </span>
    </div>
  );
});
