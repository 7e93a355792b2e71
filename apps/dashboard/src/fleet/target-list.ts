import type { TargetSummary } from '@booner/protocol';
import type { RefObject } from 'react';

type TargetSelection = {
  readonly hosts: readonly string[];
  readonly onToggle: (host: string) => void;
};

/** Common properties of the table and the cards. */
export type TargetListProps = {
  /** In display order. */
  readonly targets: readonly TargetSummary[];
  /** When the hub sent the shown data, by its clock. */
  readonly sentAtMs: number;
  readonly isCompact: boolean;
  /** Targets are being selected: a click on one toggles it. */
  readonly selection?: TargetSelection | undefined;
  /** Receives the function that focuses the first target. */
  readonly focusFirst: RefObject<(() => void) | null>;
};
