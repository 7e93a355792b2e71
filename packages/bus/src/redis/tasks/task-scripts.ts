import {
  DEFAULT_ATTEMPTS,
  type HostId,
  LOG_TTL_MS,
  MAX_LOG_ENTRIES,
  MAX_LOG_ENTRY_BYTES,
  type RolloutId,
  RUNNER_RESTARTED,
  type TaskId,
} from '@booner/protocol';
import {
  controlKey,
  DRY_RUN_PREFIX,
  ENDED_TASKS_KEY,
  EVENTS_KEY,
  externalTasksOfCredentialKey,
  externalTasksOfHostKey,
  HUBS_GROUP,
  idempotencyKey,
  LATE_REPORTS_KEY,
  logKey,
  OPEN_TASKS_KEY,
  queuedTasksKey,
  queueKey,
  REPORTS_KEY,
  RUNNER_GROUP,
  rolloutKey,
  runnerConflictKey,
  runnerKey,
  TASKS_KEY,
  taskKey,
} from '@booner/protocol/redis-names';
import {
  CONFLICT_TTL_MS,
  IDEMPOTENCY_TTL_MS,
  MAX_CONTROL_MESSAGES,
  MAX_EVENTS,
  MAX_LATE_REPORTS,
  MAX_REPORT_BYTES,
  MAX_REPORTS,
  MAX_SHARED_REPORTS,
} from '../../limits.ts';
import { luaConstants } from '../connection/lua-constants.ts';
import { luaText } from '../connection/lua-text.ts';
import { defineScript } from '../connection/run-script.ts';

/** A key without its last part is the prefix of all such keys. */
const ANY_HOST = '' as HostId;
const ANY_TASK = '' as TaskId;

/**
 * Limits on what runners write. A stream may hold more entries than runners leave in it, because
 * Redis trims it to about a length.
 */
const SIZES = {
  /** Later versions may add fields. */
  MAX_ENTRY_FIELDS: 16,
  MAX_REPORT_BYTES,
  MAX_KEPT_REPORTS: 2 * MAX_REPORTS,
  /** Fifty of the largest results. */
  MAX_REPORTS_BYTES: 1024 * 1024,
  MAX_KEPT_SHARED_REPORTS: 2 * MAX_SHARED_REPORTS,
  MAX_SHARED_REPORTS_BYTES: 4 * 1024 * 1024,
  /** Size from which on no further stream is read for the same answer. */
  MAX_ANSWER_BYTES: 256 * 1024,
  MAX_KEPT_LOG_ENTRIES: 2 * MAX_LOG_ENTRIES,
  MAX_LOG_BYTES: 1.5 * MAX_LOG_ENTRIES * MAX_LOG_ENTRY_BYTES,
  /** With the names of fields. */
  MAX_LOG_FIELDS_BYTES: MAX_LOG_ENTRY_BYTES + 1024,
} as const;

/** Names of keys, limits and texts by their name in the scripts. */
const CONSTANTS: Readonly<Record<string, string | number>> = {
  TASK: taskKey(ANY_TASK),
  LOG: logKey(ANY_TASK),
  QUEUE: queueKey(ANY_HOST),
  QUEUED: queuedTasksKey(ANY_HOST),
  EXTERNAL_OF_HOST: externalTasksOfHostKey(ANY_HOST),
  EXTERNAL_OF_OWNER: externalTasksOfCredentialKey(''),
  DRY_RUN_PREFIX,
  CONTROL: controlKey(ANY_HOST),
  PRESENCE: runnerKey(ANY_HOST),
  CONFLICT: runnerConflictKey(ANY_HOST),
  IDEMPOTENCY: idempotencyKey(''),
  ROLLOUT: rolloutKey('' as RolloutId),
  TASKS: TASKS_KEY,
  OPEN: OPEN_TASKS_KEY,
  ENDED: ENDED_TASKS_KEY,
  EVENTS: EVENTS_KEY,
  REPORTS: REPORTS_KEY,
  LATE: LATE_REPORTS_KEY,
  HUBS_GROUP,
  RUNNER_GROUP,
  DEFAULT_ATTEMPTS,
  MAX_CONTROL_MESSAGES,
  MAX_EVENTS,
  MAX_LATE_REPORTS,
  CONFLICT_TTL_MS,
  IDEMPOTENCY_TTL_MS,
  LOG_TTL_MS,
  RUNNER_RESTARTED,
  ...SIZES,
};

const constants = luaConstants(CONSTANTS);
const prelude = [luaText('connection/scripts/require-type'), luaText('tasks/scripts/prelude')].join('\n');

const reports = luaText('tasks/scripts/reports');

/** Steps that change tasks. */
const STEPS = [
  'create-task',
  'cancel-task',
  'change-task',
  'end-abandoned',
  'end-lost-task',
  'repeat-cancel',
  'apply-hello',
  'apply-claim',
  'apply-progress',
  'apply-end',
  'drop-report',
] as const;
export type StepName = (typeof STEPS)[number];

/** Returns a step as a function that takes keys and arguments under the names of a script's. */
const stepFunction = (name: StepName) =>
  `STEPS['${name}'] = function(KEYS, ARGV)\n${luaText(`tasks/scripts/${name}`)}\nend`;

/** Runs any number of steps: see `createTaskSteps`. */
export const TASK_STEPS = defineScript([
  ...constants,
  prelude,
  'local STEPS = {}',
  ...STEPS.map(stepFunction),
  luaText('tasks/scripts/run-steps'),
]);

/** A script that only reads or frees memory. */
const taskScript = (name: string) =>
  defineScript([...constants, prelude, luaText(`tasks/scripts/${name}`)], 'allow-oom');
const reportScript = (name: string) =>
  defineScript([...constants, prelude, reports, luaText(`tasks/scripts/${name}`)], 'allow-oom');

export const CHECK_ACCESS = taskScript('check-access');
export const PRUNE_TASKS = taskScript('prune-tasks');
export const READ_LOG = taskScript('read-log');
export const READ_REPORTS = reportScript('read-reports');
export const TAKE_OVER_REPORTS = reportScript('take-over-reports');
