import type { TargetSummary } from '@booner/protocol';
import type { RefObject } from 'react';

/** What the table and the cards have in common. */
export type TargetListProps = {
  /** In their order. */
  readonly targets: readonly TargetSummary[];
  /** When the hub sent what is shown, by its clock. */
  readonly sentAtMs: number;
  readonly isCompact: boolean;
  /** Takes the function that puts the focus on the first target. */
  readonly focusFirst: RefObject<(() => void) | null>;
};
