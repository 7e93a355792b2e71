import type { TargetSummary } from '@booner/protocol';
import type { RefObject } from 'react';

/** Common properties of the table and the cards. */
export type TargetListProps = {
  /** In display order. */
  readonly targets: readonly TargetSummary[];
  /** When the hub sent the shown data, by its clock. */
  readonly sentAtMs: number;
  readonly isCompact: boolean;
  /** Receives the function that focuses the first target. */
  readonly focusFirst: RefObject<(() => void) | null>;
};
