import type { RolloutHead, StoredSchedule, Target } from '@booner/protocol';

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
  /**
   * Tasks that run on the host for long. `isSlow`: for over twice as long as usual; `null`: what is
   * usual is not known yet.
   */
  readonly longTasks: readonly { readonly action: string; readonly isSlow: boolean | null }[];
  /** Heartbeats of jobs on the host. */
  readonly heartbeats: readonly { readonly name: string; readonly isMissed: boolean }[];
};

/** Facts about rollouts and schedules, for rules on their states. */
export type FleetFacts = {
  /** Unix milliseconds by the bus' clock. */
  readonly nowMs: number;
  /** Those that are open, and the last ones that have ended. */
  readonly rollouts: readonly RolloutHead[];
  readonly schedules: readonly StoredSchedule[];
};

/** True if a state holds for the host, or for one device of it. `null`: unknown. */
export type StateReading = {
  readonly device: string | null;
  readonly holds: boolean | null;
  /** It keeps an alert open, and opens none. */
  readonly isOld?: boolean;
};

/** Older events open no alert: this hub has just started, or a rule is new. */
export const NEWS_FOR_MS = 3_600_000;

/** A state that rules can watch: one file each, and a line in the table of kinds. */
type StateKindOf<Facts> = {
  /** Title of an alert, such as `Host is offline`. */
  readonly title: string;
  /** What holds in a word, such as `offline`. */
  readonly word: string;
  /** False if the state is only known while the host is online, so that being offline mutes it. */
  readonly isKnownOffline: boolean;
  /** True if a device that is not read any more was removed, so that its alert ends. */
  readonly endsWithDevice?: boolean;
  readonly read: (facts: Facts) => readonly StateReading[];
};

/** A state of a host. */
export type StateKind = StateKindOf<StateFacts>;
/** A state of rollouts or schedules. Its alerts have a device and no host. */
export type FleetStateKind = StateKindOf<FleetFacts>;
