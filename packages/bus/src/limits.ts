/** Bounds and times that the bus in memory and the one on Redis share. */

/** Task events that are kept; the oldest are dropped. */
export const MAX_EVENTS = 10_000;
/** Unread messages to the runner of one host. The oldest are dropped: runners ask again. */
export const MAX_CONTROL_MESSAGES = 1000;
/**
 * Reports of one host that wait for hubs, about. The oldest are dropped, which loses nothing:
 * runners repeat reports that are not answered.
 */
export const MAX_REPORTS = 1000;
/** Reports in the stream that all runners of the previous minor version share. */
export const MAX_SHARED_REPORTS = 100_000;
/** Size of a report as JSON in UTF-8. One with the largest result has half of this. */
export const MAX_REPORT_BYTES = 64 * 1024;
/** Reports without effect that are kept for operators. */
export const MAX_LATE_REPORTS = 1000;
/** Tasks that one call of `prune` removes: Redis does nothing else for some milliseconds. */
export const PRUNE_BATCH = 500;
/** A caller's idempotency key names its task for this long. */
export const IDEMPOTENCY_TTL_MS = 24 * 3_600_000;
/** Longest wait of `nextEvents`, `nextReports` and a runner's reads for the first entry. */
export const MAX_WAIT_MS = 5000;
/** Interval in which a runner renews its presence, or checks if the place has become free. */
export const PRESENCE_INTERVAL_MS = 5000;
/** A second runner of a host is shown as a conflict for this long after its last report. */
export const CONFLICT_TTL_MS = 15_000;
/** Items of the outbox that are offered, and that are postponed. Further ones are buried. */
export const MAX_OUTBOX_ITEMS = 10_000;
/** Buried items that are kept, about. */
export const MAX_DEAD_ITEMS = 1000;
/** Items that a channel holds for its digest. */
export const MAX_HELD_ITEMS = 1000;
/** Events of alerts that are kept, and ended episodes, about. The oldest are dropped. */
export const MAX_ALERT_EVENTS = 10_000;
export const MAX_EPISODES = 10_000;
/** Size of a setting of alerts as JSON in UTF-8. */
export const MAX_ALERT_SETTING_BYTES = 64 * 1024;
/**
 * Inputs that wait for the groups of a shard. Further ones are dropped: the groups of a shard that
 * takes none for so long have no holder.
 */
export const MAX_GROUP_INPUTS = 10_000;
/** Inputs that one call of `readGroups` returns. */
export const MAX_INPUTS_READ = 1000;
