import type { StepStatus, TargetSummary, TaskStatus } from '@booner/protocol';
import clsx from 'clsx';

type Word = { readonly mark: string; readonly className: string };

type Status = TargetSummary['status'] | TaskStatus | StepStatus;

/** Each status has its own shape besides its colour and word. */
const WORDS: Readonly<Record<Status, Word>> = {
  active: { mark: '●', className: 'text-good' },
  offline: { mark: '✕', className: 'font-semibold text-bad' },
  pending: { mark: '○', className: 'text-muted' },
  queued: { mark: '○', className: 'text-muted' },
  running: { mark: '◐', className: 'text-accent' },
  completed: { mark: '✓', className: 'text-good' },
  failed: { mark: '✕', className: 'font-semibold text-bad' },
  cancelled: { mark: '⊘', className: 'text-muted' },
  waiting: { mark: '○', className: 'text-muted' },
  skipped: { mark: '–', className: 'text-muted' },
};

export type StatusWordProps = {
  readonly status: Status;
  /** Shows only the shape. The word is still read out. */
  readonly isShort?: boolean;
};

export function StatusWord({ status, isShort = false }: StatusWordProps) {
  const { mark, className } = WORDS[status];
  return (
    <span className={clsx('inline-flex items-center gap-1.5 whitespace-nowrap', className)}>
      <span aria-hidden="true" className="inline-block w-3.5 text-center" title={status}>
        {mark}
      </span>
      <span className={clsx(isShort && 'sr-only')}>{status}</span>
    </span>
  );
}
