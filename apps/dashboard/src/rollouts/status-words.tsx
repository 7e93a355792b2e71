import type { RolloutHostStatus, RolloutStatus } from '@booner/protocol';
import clsx from 'clsx';

type Look = {
  readonly mark: string;
  readonly word: string;
  readonly className: string;
};

/** Each status has its own shape besides its colour and word. */
const ROLLOUTS: Readonly<Record<RolloutStatus, Look>> = {
  pending: { mark: '○', word: 'pending', className: 'text-muted' },
  running: { mark: '◐', word: 'running', className: 'text-accent' },
  paused: { mark: '‖', word: 'paused', className: 'text-warn' },
  waiting_for_approval: { mark: '◇', word: 'needs approval', className: 'text-warn' },
  completed: { mark: '✓', word: 'completed', className: 'text-good' },
  failed: { mark: '✕', word: 'failed', className: 'font-semibold text-bad' },
  cancelled: { mark: '⊘', word: 'cancelled', className: 'text-muted' },
};

type HostLook = Look & {
  /** Classes of a cell of the grid. */
  readonly cell: string;
};

export const HOST_LOOKS: Readonly<Record<RolloutHostStatus, HostLook>> = {
  waiting: { mark: '·', word: 'waiting', className: 'text-muted', cell: 'border-line text-muted' },
  queued: { mark: '○', word: 'queued', className: 'text-muted', cell: 'border-line-strong text-ink' },
  running: {
    mark: '◐',
    word: 'running',
    className: 'text-accent',
    cell: 'border-accent bg-accent text-on-accent',
  },
  checking: { mark: '◎', word: 'checking', className: 'text-accent', cell: 'border-accent text-accent' },
  completed: {
    mark: '✓',
    word: 'completed',
    className: 'text-good',
    cell: 'border-good/40 bg-good/15 text-good',
  },
  failed: {
    mark: '✕',
    word: 'failed',
    className: 'font-semibold text-bad',
    cell: 'border-bad-solid bg-bad-solid font-semibold text-on-bad',
  },
  cancelled: {
    mark: '⊘',
    word: 'cancelled',
    className: 'text-muted',
    cell: 'border-line bg-raised text-muted',
  },
  skipped: {
    mark: '»',
    word: 'skipped',
    className: 'text-muted',
    cell: 'border-dashed border-line-strong bg-raised text-muted',
  },
};

export function RolloutStatusWord({ status }: { readonly status: RolloutStatus }) {
  return <MarkedWord {...ROLLOUTS[status]} />;
}

export function HostStatusWord({ status }: { readonly status: RolloutHostStatus }) {
  return <MarkedWord {...HOST_LOOKS[status]} />;
}

/** A word with a shape, so that its meaning does not depend on its colour. */
export const MarkedWord = ({ mark, word, className }: Look) => (
  <span className={clsx('inline-flex items-center gap-1.5 whitespace-nowrap', className)}>
    <span aria-hidden="true" className="inline-block w-3.5 text-center">
      {mark}
    </span>
    {word}
  </span>
);
