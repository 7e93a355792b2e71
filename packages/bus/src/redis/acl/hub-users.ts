import type { HostId, RolloutId, Sha256, TaskId } from '@booner/protocol';
import {
  ALERT_EVENTS_KEY,
  ALERT_SETTING_KEYS,
  AUDIT_KEY,
  alertLinkKey,
  alertsKey,
  artefactHubsKey,
  artefactKey,
  BACKFILL_REQUEST_PATTERN,
  CREDENTIALS_KEY,
  CREDENTIALS_USED_KEY,
  CREDENTIALS_VERSION_KEY,
  controlKey,
  ENDED_TASKS_KEY,
  EPISODES_KEY,
  EVENTS_KEY,
  EXTERNAL_TASKS_PATTERN,
  enrolmentKey,
  groupInputsKey,
  groupsKey,
  HEARTBEATS_SEEN_KEY,
  HOOKS_KEY,
  HOOKS_VERSION_KEY,
  HUBS_KEY,
  hookDeliveriesKey,
  hookStartedKey,
  IDENTITIES_KEY,
  INVALIDATION_CHANNEL,
  idempotencyKey,
  LATE_REPORTS_KEY,
  LEASE_EPOCH_KEY,
  LEASE_PATTERN,
  logKey,
  METRICS_PATTERN,
  OPEN_ROLLOUTS_KEY,
  OPEN_TASKS_KEY,
  OUTBOX_DEAD_KEY,
  OUTBOX_HELD_KEY,
  OUTBOX_KEY,
  OUTBOX_LATER_KEY,
  oidcKey,
  outboxHeldKey,
  outboxRateKey,
  queuedTasksKey,
  queueKey,
  REGISTRATIONS_CHANNEL,
  REMOVALS_CHANNEL,
  REPORTS_KEY,
  REPORTS_PATTERN,
  ROLLOUTS_KEY,
  RUNNER_PATTERN,
  rolloutKey,
  runnerConflictKey,
  SCHEDULES_KEY,
  SCHEDULES_VERSION_KEY,
  SEALED_SECRETS_KEY,
  SECRETS_KEY,
  TARGET_PATTERN,
  TARGETS_KEY,
  TASKS_KEY,
  taskKey,
  ticketKey,
} from '@booner/protocol/redis-names';
import type { Shard } from '@booner/protocol/shard';
import { ENROLLER_USER, type Grant, HUB_USER, type RedisUser, redisUser } from './redis-user.ts';

const ANY_HOST = '*' as HostId;
const ANY_TASK = '*' as TaskId;
const ANY_SHARD = '*' as unknown as Shard;
const SCRIPTS = ['eval', 'evalsha'];

const FLEET: readonly Grant[] = [
  {
    keys: [`%R~${TARGET_PATTERN}`],
    commands: ['hlen', 'memory|usage', 'hmget', 'eval_ro', 'evalsha_ro'],
  },
  { keys: [`%W~${TARGET_PATTERN}`], commands: ['unlink'] },
  { keys: [`~${BACKFILL_REQUEST_PATTERN}`], commands: ['get', 'set'] },
  { keys: [`~${TARGETS_KEY}`], commands: ['hgetall', 'hget', 'hset', 'hdel', 'eval'] },
];

const TASKS: readonly Grant[] = [
  {
    keys: [
      ...[taskKey(ANY_TASK), idempotencyKey('*'), ENDED_TASKS_KEY, logKey(ANY_TASK)],
      ...[REPORTS_KEY, REPORTS_PATTERN],
    ].map((key) => `~${key}`),
    commands: SCRIPTS,
  },
  {
    keys: [`~${taskKey(ANY_TASK)}`],
    commands: ['type', 'exists', 'hmget', 'hset', 'hdel', 'hincrby', 'unlink'],
  },
  { keys: [`~${idempotencyKey('*')}`], commands: ['get', 'set'] },
  {
    keys: [TASKS_KEY, OPEN_TASKS_KEY, ENDED_TASKS_KEY].map((key) => `~${key}`),
    commands: ['type', 'zadd', 'zrem', 'zcard', 'zcount', 'zrange'],
  },
  {
    keys: [queuedTasksKey(ANY_HOST), EXTERNAL_TASKS_PATTERN].map((key) => `~${key}`),
    commands: ['type', 'scard', 'sadd', 'srem'],
  },
  { keys: [`~${EVENTS_KEY}`], commands: ['type', 'xadd', 'xread', 'xrange', 'xinfo|stream'] },
  {
    keys: [`%R~${logKey(ANY_TASK)}`],
    commands: ['type', 'xlen', 'memory|usage', 'xrange', 'xrevrange'],
  },
  // One UNLINK removes a task and its log.
  { keys: [`%W~${logKey(ANY_TASK)}`, `%W~${taskKey(ANY_TASK)}`], commands: ['unlink'] },
  { keys: [`%W~${logKey(ANY_TASK)}`], commands: ['xtrim', 'xdel', 'pexpire'] },
];

const ARTEFACTS: readonly Grant[] = [
  { keys: [`%R~${artefactKey(ANY_TASK, '*')}`], commands: ['getrange'] },
  { keys: [`~${artefactHubsKey(ANY_TASK)}`], commands: ['sadd', 'scard', 'pexpire', ...SCRIPTS] },
  // One UNLINK removes both.
  {
    keys: [artefactHubsKey(ANY_TASK), artefactKey(ANY_TASK, '*')].map((key) => `%W~${key}`),
    commands: ['unlink'],
  },
  { keys: [`%R~${HUBS_KEY}`], commands: ['zcount'] },
];

const ROLLOUTS: readonly Grant[] = [
  {
    keys: [`~${rolloutKey('*' as RolloutId)}`],
    commands: ['type', 'exists', 'hget', 'hmget', 'hgetall', 'hset', 'unlink', ...SCRIPTS],
  },
  {
    keys: [ROLLOUTS_KEY, OPEN_ROLLOUTS_KEY].map((key) => `~${key}`),
    commands: ['type', 'zadd', 'zrem', 'zcard', 'zscore', 'zrange'],
  },
];

const TRIGGERS: readonly Grant[] = [
  {
    keys: [SCHEDULES_KEY, HOOKS_KEY].map((key) => `~${key}`),
    commands: ['type', 'hget', 'hgetall', 'hset', 'hdel', 'hlen', ...SCRIPTS],
  },
  {
    keys: [SCHEDULES_VERSION_KEY, HOOKS_VERSION_KEY].map((key) => `~${key}`),
    commands: ['type', 'get', 'incr'],
  },
  {
    keys: [`~${hookDeliveriesKey('*')}`],
    commands: ['lpush', 'lrange', 'ltrim', 'pexpire', 'unlink'],
  },
  { keys: [`~${hookStartedKey('*' as RolloutId)}`], commands: ['set', 'exists'] },
];

const SECRETS: readonly Grant[] = [
  {
    keys: [SECRETS_KEY, SEALED_SECRETS_KEY].map((key) => `~${key}`),
    commands: ['type', 'hlen', 'hexists', 'hgetall', 'hmget', 'hset', 'hdel', ...SCRIPTS],
  },
];

const RUNNERS: readonly Grant[] = [
  {
    keys: [queueKey(ANY_HOST), controlKey(ANY_HOST)].map((key) => `~${key}`),
    commands: ['type', 'xadd', 'xgroup|create'],
  },
  { keys: [`%W~${queueKey(ANY_HOST)}`], commands: ['xack', 'xdel'] },
  {
    keys: [`~${REPORTS_KEY}`, `~${REPORTS_PATTERN}`],
    commands: [
      ...['type', 'xlen', 'memory|usage', 'xtrim', 'xreadgroup', 'xautoclaim', 'xack', 'xdel', 'del'],
      ...['xinfo|stream', 'xgroup|create'],
    ],
  },
  { keys: [`~${LATE_REPORTS_KEY}`], commands: ['type', 'xadd'] },
  { keys: [`%R~${RUNNER_PATTERN}`], commands: ['type', 'exists', 'get', 'getrange'] },
  { keys: [`~${runnerConflictKey(ANY_HOST)}`], commands: ['exists', 'set'] },
];

const ACCESS: readonly Grant[] = [
  {
    keys: [CREDENTIALS_KEY, CREDENTIALS_VERSION_KEY, CREDENTIALS_USED_KEY].map((key) => `~${key}`),
    commands: ['exists', 'hgetall', 'hget', 'hset', 'hdel', 'hkeys', 'get', 'incr', ...SCRIPTS],
  },
  {
    keys: [ticketKey('*'), enrolmentKey('*'), oidcKey('*')].map((key) => `~${key}`),
    commands: ['set', 'getdel'],
  },
  { keys: [`~${IDENTITIES_KEY}`], commands: ['hgetall', 'hset', 'hdel'] },
  { keys: [`~${AUDIT_KEY}`], commands: ['xadd', 'xrevrange'] },
];

const LEASES: readonly Grant[] = [
  {
    keys: [`~${LEASE_PATTERN}`],
    commands: ['hget', 'hmget', 'hset', 'pttl', 'pexpire', 'del', ...SCRIPTS],
  },
  { keys: [`~${LEASE_EPOCH_KEY}`], commands: ['set', 'incr'] },
  {
    keys: [`~${HUBS_KEY}`],
    commands: ['zadd', 'zrem', 'zremrangebyscore', 'zremrangebyrank', 'zrange', 'pexpire', ...SCRIPTS],
  },
];

const ALERTS: readonly Grant[] = [
  {
    keys: [...Object.values(ALERT_SETTING_KEYS), HEARTBEATS_SEEN_KEY].map((key) => `~${key}`),
    commands: ['type', 'hexists', 'hlen', 'hgetall', 'hset', 'hdel', ...SCRIPTS],
  },
  {
    keys: [alertsKey(ANY_SHARD), groupsKey(ANY_SHARD)].map((key) => `~${key}`),
    commands: ['type', 'hget', 'hgetall', 'hset', 'hdel', ...SCRIPTS],
  },
  {
    keys: [`~${groupInputsKey(ANY_SHARD)}`],
    commands: ['type', 'llen', 'lrange', 'rpush', 'ltrim'],
  },
  { keys: [`~${ALERT_EVENTS_KEY}`], commands: ['type', 'xadd', 'xread', 'xrange', 'xinfo|stream'] },
  { keys: [`~${EPISODES_KEY}`], commands: ['type', 'xadd', 'xrevrange'] },
  { keys: [`~${alertLinkKey('*')}`], commands: ['set', 'getdel'] },
];

const OUTBOX: readonly Grant[] = [
  {
    keys: [`~${OUTBOX_KEY}`],
    commands: [
      ...['type', 'xlen', 'xadd', 'xrange', 'xreadgroup', 'xautoclaim', 'xack', 'xdel'],
      ...['xinfo|consumers', 'xgroup|create', 'xgroup|delconsumer', ...SCRIPTS],
    ],
  },
  { keys: [`~${OUTBOX_LATER_KEY}`], commands: ['type', 'zadd', 'zrem', 'zcard', 'zrange', 'zscan'] },
  {
    keys: [OUTBOX_DEAD_KEY, OUTBOX_HELD_KEY].map((key) => `~${key}`),
    commands: ['type', 'hget', 'hgetall', 'hkeys', 'hvals', 'hlen', 'hset', 'hincrby', 'hdel'],
  },
  {
    keys: [`~${outboxHeldKey('*')}`],
    commands: ['type', 'llen', 'lindex', 'lrange', 'rpush', 'ltrim', 'lrem'],
  },
  { keys: [`~${outboxRateKey('*')}`], commands: ['incr', 'pttl', 'pexpire', ...SCRIPTS] },
];

/** Separate from the channels that a hub receives on, so that it cannot publish as an agent. */
const NOTICES: Grant = {
  keys: ['resetchannels', `&${REMOVALS_CHANNEL}`, `&${REGISTRATIONS_CHANNEL}`],
  commands: ['publish'],
};

/**
 * The hubs' user: the commands that hubs use, on the keys that they use. Scripts have the same
 * permissions.
 */
export function hubRules(password: Sha256, { database = 0 }: { readonly database?: number } = {}): RedisUser {
  return redisUser(HUB_USER, password, {
    database,
    commands: [
      ...['time', 'scan', 'multi', 'exec', 'psubscribe', 'subscribe'],
      ...['client|id', 'client|tracking'],
    ],
    grants: [
      ...FLEET,
      NOTICES,
      ...TASKS,
      ...ARTEFACTS,
      ...ROLLOUTS,
      ...TRIGGERS,
      ...SECRETS,
      ...RUNNERS,
      ...ACCESS,
      ...LEASES,
      ...ALERTS,
      ...OUTBOX,
    ],
    channels: [METRICS_PATTERN, REMOVALS_CHANNEL, REGISTRATIONS_CHANNEL, INVALIDATION_CHANNEL],
  });
}

/**
 * The user that sets and removes the users of hosts. Only hubs need it. It cannot read data, but
 * anybody with its password can create a user that can.
 */
export function enrollerRules(password: Sha256): RedisUser {
  return redisUser(ENROLLER_USER, password, { commands: ['acl|setuser', 'acl|deluser', 'acl|save'] });
}
