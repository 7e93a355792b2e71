import type { AlertSeverity } from '@booner/protocol';
import clsx from 'clsx';

/** Each severity has its own shape besides its colour and word. */
const WORDS: Readonly<Record<AlertSeverity, { mark: string; word: string; className: string }>> = {
  crit: { mark: '▲', word: 'critical', className: 'font-semibold text-bad' },
  warn: { mark: '◆', word: 'warning', className: 'text-warn' },
};

export type SeverityWordProps = {
  readonly severity: AlertSeverity;
  /** Replaces the word, such as "3 critical". */
  readonly text?: string;
  /** Nobody has to look at it: it has ended, is acknowledged or muted. */
  readonly isQuiet?: boolean;
};

/** Severity of an alert as a shape and a word. */
export function SeverityWord({ severity, text, isQuiet = false }: SeverityWordProps) {
  const { mark, word, className } = WORDS[severity];
  return (
    <span
      className={clsx(
        'inline-flex items-center gap-1.5 whitespace-nowrap',
        isQuiet ? 'text-muted' : className,
      )}
    >
      <span aria-hidden="true" className="inline-block w-3.5 text-center">
        {mark}
      </span>
      <span>{text ?? word}</span>
    </span>
  );
}
