import { type HostId, parseHostId } from './host-id.ts';
import type { TaskId } from './task-id.ts';

const METRICS_PREFIX = 'booner:metrics:';
const TARGET_PREFIX = 'booner:target:';

/** Pub/sub channel on which a host's agent publishes a sample each interval. */
export const metricsChannel = (host: HostId): string => `${METRICS_PREFIX}${host}`;
/** Matches every {@link metricsChannel}. */
export const METRICS_PATTERN = `${METRICS_PREFIX}*`;
/** Hash that an agent keeps: fields `sample`, `inventory` (JSON) and `version`. */
export const targetKey = (host: HostId): string => `${TARGET_PREFIX}${host}`;
/** Matches every {@link targetKey}. */
export const TARGET_PATTERN = `${TARGET_PREFIX}*`;
/** Hash of registrations, host -> JSON, kept by hubs. */
export const TARGETS_KEY = 'booner:targets';

/** Pub/sub channel on which a hub that removed a target says its host id to the others. */
export const REMOVALS_CHANNEL = 'booner:removals';

/** The host of a {@link metricsChannel}, or `null` when the channel names none. */
export const hostOfMetricsChannel = (channel: string): HostId | null => hostAfter(METRICS_PREFIX, channel);
/** The host of a {@link targetKey}, or `null` when the key names none. */
export const hostOfTargetKey = (key: string): HostId | null => hostAfter(TARGET_PREFIX, key);

/** Stream of the tasks that a host is offered; group {@link RUNNER_GROUP}. Never trimmed by length: pending entries would be lost. */
export const queueKey = (host: HostId): string => `booner:queue:${host}`;
/** Stream of what hubs answer a host's runner; group {@link RUNNER_GROUP}. */
export const controlKey = (host: HostId): string => `booner:control:${host}`;
export const RUNNER_GROUP = 'runner';
export const RUNNER_CONSUMER = 'main';
/** Stream of what all runners say; group {@link HUBS_GROUP}, one consumer a hub. */
export const REPORTS_KEY = 'booner:reports';
export const HUBS_GROUP = 'hubs';
/** Stream of the reports that changed nothing, with the reason; ~1,000. */
export const LATE_REPORTS_KEY = 'booner:late-reports';

const RUNNER_PREFIX = 'booner:runner:';
/** String that a runner keeps for 15 s: its presence (JSON). */
export const runnerKey = (host: HostId): string => `${RUNNER_PREFIX}${host}`;
export const RUNNER_PATTERN = `${RUNNER_PREFIX}*`;
/** The host of a {@link runnerKey}, or `null` when the key names none. */
export const hostOfRunnerKey = (key: string): HostId | null => hostAfter(RUNNER_PREFIX, key);
/** String that lives for 15 s: a runner of this host was turned away because another one serves it. */
export const runnerConflictKey = (host: HostId): string => `booner:runner-conflict:${host}`;

const TASK_PREFIX = 'booner:task:';
/** Hash of one task. */
export const taskKey = (id: TaskId): string => `${TASK_PREFIX}${id}`;
/** Stream of a task's output. */
export const logKey = (id: TaskId): string => `booner:log:${id}`;
/** Sorted set of all task ids by creation time. */
export const TASKS_KEY = 'booner:tasks';
/** Sorted set of the ids of tasks that have not ended, by creation time. */
export const OPEN_TASKS_KEY = 'booner:tasks:open';
/** Sorted set of the ids of ended tasks, by the time of their end. */
export const ENDED_TASKS_KEY = 'booner:tasks:ended';
/** Set of the ids of a host's queued tasks, for the bound on them. */
export const queuedTasksKey = (host: HostId): string => `booner:queued:${host}`;
/** Stream of every transition of every task, ~10,000: what cursors point into. */
export const EVENTS_KEY = 'booner:events';
/** String that lives for 24 h: which task a key of a caller made, and a hash of the body. */
export const idempotencyKey = (key: string): string => `booner:idempotency:${key}`;

/** Hash of all credentials: SHA-256 of the secret -> JSON. */
export const CREDENTIALS_KEY = 'booner:credentials';
/** Counts the changes of {@link CREDENTIALS_KEY}: hubs read the hash again when it has moved. Counted up by hand after a change by hand. */
export const CREDENTIALS_VERSION_KEY = 'booner:credentials:version';
/** Hash of credentials' last use: id -> Unix milliseconds. */
export const CREDENTIALS_USED_KEY = 'booner:credentials:used';
/** String that lives for 30 s: what a ticket for one WebSocket, known by its SHA-256, stands for. */
export const ticketKey = (sha256: string): string => `booner:ticket:${sha256}`;
/** String that lives for 15 minutes: what an enrolment key, known by its SHA-256, allows. */
export const enrolmentKey = (sha256: string): string => `booner:enrolment:${sha256}`;
/** String that lives for 10 minutes: a sign-in at the identity provider under way, known by the SHA-256 of its state. */
export const oidcKey = (sha256: string): string => `booner:oidc:${sha256}`;
/** Stream of who did what, ~100,000. */
export const AUDIT_KEY = 'booner:audit';
/** Hash of what hosts' Redis users are rebuilt from: host -> JSON. */
export const IDENTITIES_KEY = 'booner:identities';

function hostAfter(prefix: string, name: string): HostId | null {
  if (!name.startsWith(prefix)) return null;
  const text = name.slice(prefix.length);
  const host = parseHostId(text);
  return host === text ? host : null; // a name in another spelling is another key, not an alias
}
