import type { AlertSettingKind } from './alert-stream.ts';
import { type HostId, parseHostId } from './host-id.ts';
import type { RolloutId } from './rollout-id.ts';
import type { Shard } from './shard.ts';
import type { TaskId } from './task-id.ts';

const METRICS_PREFIX = 'booner:metrics:';
const TARGET_PREFIX = 'booner:target:';

/** Pub/sub channel on which a host's agent publishes a sample each interval. */
export const metricsChannel = (host: HostId): string => `${METRICS_PREFIX}${host}`;
/** Matches every {@link metricsChannel}. */
export const METRICS_PATTERN = `${METRICS_PREFIX}*`;
/** Hash written by the agent: `sample`, `inventory`, `passwords`, `backfill` (JSON), `version`. */
export const targetKey = (host: HostId): string => `${TARGET_PREFIX}${host}`;
/** Matches every {@link targetKey}. */
export const TARGET_PATTERN = `${TARGET_PREFIX}*`;
const BACKFILL_REQUEST_PREFIX = 'booner:backfill-request:';
/** String with a TTL of 2 minutes, written by hubs: the samples that they missed (JSON). */
export const backfillRequestKey = (host: HostId): string => `${BACKFILL_REQUEST_PREFIX}${host}`;
/** Matches every {@link backfillRequestKey}. */
export const BACKFILL_REQUEST_PATTERN = `${BACKFILL_REQUEST_PREFIX}*`;
/** Hash of registrations, host -> JSON, written by hubs. */
export const TARGETS_KEY = 'booner:targets';

/** Pub/sub channel on which a hub announces the host id of a target that it removed. */
export const REMOVALS_CHANNEL = 'booner:removals';

/**
 * Pub/sub channel on which a hub announces the registration of a host that an operator added or
 * changed, as `{"host", "registration"}`.
 */
export const REGISTRATIONS_CHANNEL = 'booner:registrations';

/** Returns the host of a {@link metricsChannel}, or `null` for any other channel. */
export const hostOfMetricsChannel = (channel: string): HostId | null => hostAfter(METRICS_PREFIX, channel);
/** Returns the host of a {@link targetKey}, or `null` for any other key. */
export const hostOfTargetKey = (key: string): HostId | null => hostAfter(TARGET_PREFIX, key);

/**
 * Stream of the tasks offered to a host; group {@link RUNNER_GROUP}. Never trimmed by length:
 * pending entries would be lost.
 */
export const queueKey = (host: HostId): string => `booner:queue:${host}`;
/**
 * Precedes the name of the action in the queue entry of a dry run. No action has such a name, so a
 * runner that does not know dry runs fails the task instead of running the action.
 */
export const DRY_RUN_PREFIX = 'check:';
/** Stream of the hubs' answers to a host's runner; group {@link RUNNER_GROUP}. */
export const controlKey = (host: HostId): string => `booner:control:${host}`;
export const RUNNER_GROUP = 'runner';
export const RUNNER_CONSUMER = 'main';
/**
 * Stream of the reports of runners one minor version older, and of those whose Redis user may not
 * write their {@link reportsKey} yet.
 */
export const REPORTS_KEY = 'booner:reports';
const REPORTS_PREFIX = `${REPORTS_KEY}:`;
/** Stream of the reports of one host; group {@link HUBS_GROUP}, one consumer per hub. */
export const reportsKey = (host: HostId): string => `${REPORTS_PREFIX}${host}`;
/** Matches every {@link reportsKey}. */
export const REPORTS_PATTERN = `${REPORTS_PREFIX}*`;
/** Returns the host of a {@link reportsKey}, or `null` for any other key. */
export const hostOfReportsKey = (key: string): HostId | null => hostAfter(REPORTS_PREFIX, key);
export const HUBS_GROUP = 'hubs';
/**
 * Channel on which Redis names changed keys to a client that requested it; see
 * https://redis.io/docs/latest/develop/reference/client-side-caching/
 */
export const INVALIDATION_CHANNEL = '__redis__:invalidate';
/** Stream of reports that changed nothing, with the reason; ~1,000 entries. */
export const LATE_REPORTS_KEY = 'booner:late-reports';

const RUNNER_PREFIX = 'booner:runner:';
/** String with a TTL of 15 s, written by a runner: its presence (JSON). */
export const runnerKey = (host: HostId): string => `${RUNNER_PREFIX}${host}`;
export const RUNNER_PATTERN = `${RUNNER_PREFIX}*`;
/** Returns the host of a {@link runnerKey}, or `null` for any other key. */
export const hostOfRunnerKey = (key: string): HostId | null => hostAfter(RUNNER_PREFIX, key);
/** String with a TTL of 15 s: a second runner of this host was rejected. */
export const runnerConflictKey = (host: HostId): string => `booner:runner-conflict:${host}`;

const TASK_PREFIX = 'booner:task:';
/** Hash of one task. */
export const taskKey = (id: TaskId): string => `${TASK_PREFIX}${id}`;
/** Stream of a task's output. */
export const logKey = (id: TaskId): string => `booner:log:${id}`;
const ROLLOUT_PREFIX = 'booner:rollout:';
/** Hash of one rollout: `rollout`, `host:<host>` (JSON), `version`, `starts`. Written by hubs. */
export const rolloutKey = (id: RolloutId): string => `${ROLLOUT_PREFIX}${id}`;
/** Sorted set of all rollout ids by creation time. */
export const ROLLOUTS_KEY = 'booner:rollouts';
/** Sorted set of the ids of rollouts that can still change by themselves, by version. */
export const OPEN_ROLLOUTS_KEY = 'booner:rollouts:open';

/** Hash of schedules: name -> JSON. */
export const SCHEDULES_KEY = 'booner:schedules';
/** Counter of changes of {@link SCHEDULES_KEY}. Hubs reread the hash when it has changed. */
export const SCHEDULES_VERSION_KEY = 'booner:schedules:version';

/** Hash of hooks: name -> JSON. */
export const HOOKS_KEY = 'booner:hooks';
/** Counter of changes of {@link HOOKS_KEY}. Hubs reread the hash when it has changed. */
export const HOOKS_VERSION_KEY = 'booner:hooks:version';
/** List of the last deliveries of a hook, newest first. */
export const hookDeliveriesKey = (name: string): string => `booner:hook-deliveries:${name}`;
/** Mark of a delivery that started a rollout, by the rollout's id. Outlives the rollout. */
export const hookStartedKey = (id: RolloutId): string => `booner:hook-started:${id}`;
/** Hash of where secrets are set: `<name> <host>` -> JSON, without values. */
export const SECRETS_KEY = 'booner:secrets';
/** Hash of secrets: `<name> <host>` -> JWE that only the host's runner can open. */
export const SEALED_SECRETS_KEY = 'booner:secrets:sealed';

/** String with a TTL of 10 minutes, written by a runner: a part of the artefacts of a task. */
export const artefactKey = (id: TaskId, part: number | string): string => `booner:artefact:${id}:${part}`;
/** Set with a TTL of 10 minutes: the hubs that have taken the artefacts of a task. */
export const artefactHubsKey = (id: TaskId): string => `booner:artefact-hubs:${id}`;

/** Sorted set of all task ids by creation time. */
export const TASKS_KEY = 'booner:tasks';
/** Sorted set of the ids of tasks that have not ended, by creation time. */
export const OPEN_TASKS_KEY = 'booner:tasks:open';
/** Sorted set of the ids of ended tasks, by end time. */
export const ENDED_TASKS_KEY = 'booner:tasks:ended';
/** Set of the ids of a host's queued tasks, for the limit on them. */
export const queuedTasksKey = (host: HostId): string => `booner:queued:${host}`;
/** Set of the ids of a host's external tasks that have not ended, for the limit on them. */
export const externalTasksOfHostKey = (host: HostId): string => `booner:external:host:${host}`;
/** Set of the ids of open external tasks that a credential created, for the limit on them. */
export const externalTasksOfCredentialKey = (credential: string): string =>
  `booner:external:credential:${credential}`;
/** Matches every {@link externalTasksOfHostKey} and {@link externalTasksOfCredentialKey}. */
export const EXTERNAL_TASKS_PATTERN = 'booner:external:*';
/** Stream of every transition of every task, ~10,000 entries. Cursors are positions in it. */
export const EVENTS_KEY = 'booner:events';
/** String with a TTL of 24 h: the task created for an idempotency key, and a hash of the body. */
export const idempotencyKey = (key: string): string => `booner:idempotency:${key}`;

/** Hash of all credentials: SHA-256 of the secret -> JSON. */
export const CREDENTIALS_KEY = 'booner:credentials';
/**
 * Counter of changes of {@link CREDENTIALS_KEY}. Hubs reread the hash when it has changed.
 * Increment it after a change by hand.
 */
export const CREDENTIALS_VERSION_KEY = 'booner:credentials:version';
/** Hash of credentials' last use: id -> Unix milliseconds. */
export const CREDENTIALS_USED_KEY = 'booner:credentials:used';
/**
 * String with a TTL of 30 s, keyed by the SHA-256 of a WebSocket ticket: the ticket's credential.
 */
export const ticketKey = (sha256: string): string => `booner:ticket:${sha256}`;
/**
 * String with a TTL of 15 minutes, keyed by the SHA-256 of an enrolment key: the rights of the key.
 */
export const enrolmentKey = (sha256: string): string => `booner:enrolment:${sha256}`;
/**
 * String with a TTL of 10 minutes, keyed by the SHA-256 of its state: a sign-in under way at the
 * identity provider.
 */
export const oidcKey = (sha256: string): string => `booner:oidc:${sha256}`;
/** Stream of audit events, ~100,000 entries. */
export const AUDIT_KEY = 'booner:audit';
/** Hash of the data from which hosts' Redis users are rebuilt: host -> JSON. */
export const IDENTITIES_KEY = 'booner:identities';

const LEASE_PREFIX = 'booner:lease:';
/** Hash with a TTL of 6 s: the hub that holds a shard of hosts, and the epoch of its lease. */
export const leaseKey = (shard: Shard): string => `${LEASE_PREFIX}${shard}`;
/** Matches every {@link leaseKey}. */
export const LEASE_PATTERN = `${LEASE_PREFIX}*`;
/** Counter of leases. It outlives them, so that no two leases have one epoch. */
export const LEASE_EPOCH_KEY = 'booner:lease-epoch';
/** Sorted set of the live hubs, by the Unix milliseconds at which each would expire. */
export const HUBS_KEY = 'booner:hubs';

/** Hashes of the settings of alerts, each name -> JSON. */
export const ALERT_SETTING_KEYS: Readonly<Record<AlertSettingKind, string>> = {
  rules: 'booner:alert-rules',
  channels: 'booner:alert-channels',
  silences: 'booner:silences',
  quietHours: 'booner:quiet-hours',
  heartbeats: 'booner:heartbeats',
};
/** Hash of heartbeats' last time: name -> Unix milliseconds. */
export const HEARTBEATS_SEEN_KEY = 'booner:heartbeats:seen';
/**
 * Hash of the alerts of a shard's hosts that are not well: `<rule> <host>` or
 * `<rule> <host> <device>` -> JSON. The holder of the shard writes it, and any hub acknowledges.
 */
export const alertsKey = (shard: Shard): string => `booner:alerts:${shard}`;
/** List of what the groups of a shard have not taken yet (JSON). */
export const groupInputsKey = (shard: Shard): string => `booner:alert-group-inputs:${shard}`;
/** Hash of the groups of a shard: group -> JSON. Written by the holder of the shard. */
export const groupsKey = (shard: Shard): string => `booner:alert-groups:${shard}`;
/** Stream of changes of alerts and of their settings, ~10,000 entries. */
export const ALERT_EVENTS_KEY = 'booner:alert-events';
/** Stream of episodes that ended, ~10,000 entries. */
export const EPISODES_KEY = 'booner:alert-episodes';
/** String with a TTL, keyed by the SHA-256 of its secret: the episodes that a link acknowledges. */
export const alertLinkKey = (sha256: string): string => `booner:alert-link:${sha256}`;
/** Stream of notifications to send; group {@link HUBS_GROUP}, one consumer per hub. */
export const OUTBOX_KEY = 'booner:outbox';
/** Sorted set of notifications to try again (JSON), by Unix milliseconds of the next attempt. */
export const OUTBOX_LATER_KEY = 'booner:outbox:later';
/** Hash of notifications that nobody tries to send any more: id -> JSON; ~1,000. */
export const OUTBOX_DEAD_KEY = 'booner:outbox:dead';
/** Hash of channels that hold notifications for a digest: channel -> number that were dropped. */
export const OUTBOX_HELD_KEY = 'booner:outbox:held';
/** List of the notifications that a channel holds for its digest (JSON); at most 1,000. */
export const outboxHeldKey = (channel: string): string => `${OUTBOX_HELD_KEY}:${channel}`;
/** Counter with a TTL: messages to a channel in the current window. */
export const outboxRateKey = (channel: string): string => `booner:outbox:rate:${channel}`;

function hostAfter(prefix: string, name: string): HostId | null {
  if (!name.startsWith(prefix)) return null;
  const text = name.slice(prefix.length);
  const host = parseHostId(text);
  return host === text ? host : null; // another spelling is another key, not an alias
}
