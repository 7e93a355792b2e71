import type { Target } from '@booner/protocol';

/** Facts about a host, for rules on states. */
export type StateFacts = {
  readonly target: Pick<Target, 'status' | 'clockSkewMs' | 'conflictingInstances' | 'quarantine' | 'system'>;
  /** Version of this hub. */
  readonly hubVersion: string;
  /** Last ended task of each action on the host. */
  readonly endedTasks: readonly {
    readonly action: string;
    readonly hasFailed: boolean;
    /** False: it ended so long ago that nobody should be notified of it now. */
    readonly isNews: boolean;
  }[];
  /** Heartbeats of jobs on the host. */
  readonly heartbeats: readonly { readonly name: string; readonly isMissed: boolean }[];
};

/** True if a state holds for the host, or for one device of it. `null`: unknown. */
type StateReading = {
  readonly device: string | null;
  readonly holds: boolean | null;
  /** It keeps an alert open, and opens none. */
  readonly isOld?: boolean;
};

/** A state that rules can watch: one file each, and a line in the table of kinds. */
export type StateKind = {
  /** Title of an alert, such as `Host is offline`. */
  readonly title: string;
  /** What holds in a word, such as `offline`. */
  readonly word: string;
  /** False if the state is only known while the host is online, so that being offline mutes it. */
  readonly isKnownOffline: boolean;
  /** True if a device that is not read any more was removed, so that its alert ends. */
  readonly endsWithDevice?: boolean;
  readonly read: (facts: StateFacts) => readonly StateReading[];
};
