import type { HostId } from '@booner/protocol';
import type { TargetEntry } from './target-entry.ts';

/**
 * A change to report at once instead of at the next interval: a status, conflict or quarantine that
 * changed, a target that got its first description, other labels by an operator, or was removed by
 * one.
 */
export type Transition = {
  readonly entry: TargetEntry;
  readonly kind: 'status' | 'conflict' | 'quarantine' | 'described' | 'labels' | 'removed';
};

export type FleetChanges = {
  readonly changed: ReadonlySet<TargetEntry>;
  readonly removed: ReadonlySet<HostId>;
};

/** Collects the changes of the fleet until they are taken. */
export class FleetChangeLog {
  #changed = new Set<TargetEntry>();
  #removed = new Set<HostId>();
  #transitions: Transition[] = [];

  note(entry: TargetEntry): void {
    this.#changed.add(entry);
    this.#removed.delete(entry.host);
  }

  noteTransition(entry: TargetEntry, kind: Exclude<Transition['kind'], 'removed'>): void {
    this.note(entry);
    this.#transitions.push({ entry, kind });
  }

  noteRemoved(entry: TargetEntry): void {
    this.#changed.delete(entry);
    this.#removed.add(entry.host);
    this.#transitions.push({ entry, kind: 'removed' });
  }

  /** Returns what changed since the last call. */
  takeChanges(): FleetChanges {
    const changes = { changed: this.#changed, removed: this.#removed };
    this.#changed = new Set();
    this.#removed = new Set();
    return changes;
  }

  /** Returns the transitions since the last call. */
  takeTransitions(): readonly Transition[] {
    const transitions = this.#transitions;
    this.#transitions = [];
    return transitions;
  }
}
