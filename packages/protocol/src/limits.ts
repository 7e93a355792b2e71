/**
 * Bounds and constants that more than one part of the system relies on. This module depends on
 * nothing, so that pages and the agent can import it without zod.
 */

/** Longest label of a target, in UTF-16 code units. `deploy/install.sh` checks the same number. */
export const MAX_LABEL_CHARACTERS = 200;

/** Labels of a target. */
export const MAX_LABELS = 32;
/** Longest value of a label, in UTF-16 code units. */
export const MAX_LABEL_VALUE_CHARACTERS = 128;
/** Longest text of labels (`BOONER_LABELS`), in UTF-16 code units. */
export const MAX_LABELS_CHARACTERS = 8192;

/**
 * Bounds of a selector: the length of its text in UTF-16 code units, its terms, and the wildcards
 * in its values. They keep the cost of matching one target at a few microseconds.
 */
export const MAX_SELECTOR_CHARACTERS = 4096;
export const MAX_SELECTOR_TERMS = 32;
export const MAX_SELECTOR_WILDCARDS = 32;

/** Passwords of hosts and tokens that are older than this are shown as old. */
export const OLD_SECRET_MS = 90 * 24 * 60 * 60_000;

/** Longest name of a token or sign-in link, in UTF-16 code units. */
export const MAX_NAME_CHARACTERS = 100;

/** Longest subject in the audit log, in UTF-16 code units. */
export const MAX_SUBJECT_CHARACTERS = 320;

/** Intervals at which an agent may sample and a hub may broadcast. */
export const MIN_INTERVAL_MS = 500;
export const MAX_INTERVAL_MS = 3_600_000;
export const DEFAULT_INTERVAL_MS = 3000;

/** Ended tasks in a snapshot of the task stream, in addition to every task that has not ended. */
export const ENDED_TASKS_SHOWN = 200;

/** Span of each history range. */
export const HISTORY_RANGES_MS = {
  '1m': 60_000,
  '2m': 120_000,
  '5m': 300_000,
  '10m': 600_000,
  '15m': 900_000,
} as const;

/** Minutes that an agent keeps for hubs that miss them: those of two hours, and the present one. */
export const MAX_BACKFILL_MINUTES = 122;

/** Hosts in one `GET /history`: a longer answer would hold up other requests. */
export const MAX_HISTORY_HOSTS = 100;

/**
 * A host is silent, and its chart has a gap, when no sample has arrived for this many intervals.
 * Less than the three intervals after which it is declared offline.
 */
export const SILENT_INTERVALS = 2.5;

/**
 * If the hub's clock is set back by at most this, history pauses until the clock has caught up. If
 * it is set back further, history starts over: the past has no place on the new clock.
 */
export const CLOCK_TOLERANCE_MS = 60_000;

/** Rules, channels, quiet hours and heartbeats that people can set, of each; silences in force. */
export const MAX_ALERT_SETTINGS = 500;
/** Longest window of an alert rule; hubs keep a summary of it in memory. */
export const MAX_ALERT_WINDOW = '24h';
/** Longest wait in an alert rule. */
export const MAX_ALERT_DURATION = '30d';
/** Channels that an alert rule notifies, and further steps of its escalation chain. */
export const MAX_ALERT_CHANNELS = 16;
export const MAX_ALERT_ESCALATIONS = 4;

/** Longest URL that people can set. */
export const MAX_URL_CHARACTERS = 2000;

/** Times in one set of quiet hours. */
export const MAX_QUIET_TIMES = 32;

/** Hosts of a rollout, sizes of its batches that can be given, and its longest wait. */
export const MAX_ROLLOUT_HOSTS = 5000;
export const MAX_ROLLOUT_BATCHES = 20;
export const MAX_ROLLOUT_WAIT_SECONDS = 7 * 24 * 3600;
/** Rollouts that have not ended, and ended ones that are kept. */
export const MAX_OPEN_ROLLOUTS = 100;
export const MAX_ENDED_ROLLOUTS = 500;

/** Schedules, and the longest jitter of one. */
export const MAX_SCHEDULES = 500;
export const MAX_SCHEDULE_JITTER_SECONDS = 3600;

/** Hooks, and the entries of `fields` and of `when` of one. */
export const MAX_HOOKS = 500;
export const MAX_HOOK_FIELDS = 32;
/** Largest value of a secret, in bytes of UTF-8, and secrets that one action may receive. */
export const MAX_SECRET_BYTES = 8192;
export const MAX_SECRETS_OF_ACTION = 10;
/** Secrets that are stored: one for each name and host. */
export const MAX_SECRETS = 20_000;
/** Targets in one request that sets a secret. */
export const MAX_SECRET_TARGETS_OF_REQUEST = 500;

/** Artefacts of one task: their number, and their size together. */
export const MAX_ARTEFACTS = 20;
export const MAX_ARTEFACTS_BYTES = 10 * 1024 * 1024;
export const MAX_ARTEFACT_PATTERNS = 20;
export const MAX_ARTEFACT_NAME_CHARACTERS = 200;
/** Artefacts of a task travel as one text after the other, in parts of this size. */
export const ARTEFACT_PART_BYTES = 256 * 1024;
/** Longest time that artefacts wait in Redis until hubs have taken them. */
export const ARTEFACT_TTL_MS = 600_000;
