import type { RolloutId } from '@booner/protocol';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

export type OutcomeLineProps = {
  /** The rollout that was started, if any. */
  readonly rolloutId: RolloutId | null;
  readonly children: ReactNode;
};

/** The outcome of a delivery or a firing, with a link to its rollout. */
export const OutcomeLine = ({ rolloutId, children }: OutcomeLineProps) => (
  <span className="inline-flex flex-wrap items-baseline gap-x-3">
    {children}
    {rolloutId !== null && (
      <Link
        to="/dashboard/rollouts/$rolloutId"
        params={{ rolloutId }}
        className="relative text-sm text-accent underline underline-offset-2"
      >
        Rollout
      </Link>
    )}
  </span>
);
