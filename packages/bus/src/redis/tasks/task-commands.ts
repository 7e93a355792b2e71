import { newTask, type TaskId, type TaskStatus } from '@booner/protocol';
import { ENDED_TASKS_KEY, idempotencyKey, taskKey } from '@booner/protocol/redis-names';
import type { Redis } from 'ioredis';
import { BusError } from '../../bus-error.ts';
import { PRUNE_BATCH } from '../../limits.ts';
import type {
  CancelOutcome,
  ChangeOutcome,
  CreateOutcome,
  ExternalChange,
  LostOutcome,
  NewTask,
  Retention,
} from '../../task-ports.ts';
import { lacksPermission } from '../connection/failure-text.ts';
import { runScript } from '../connection/run-script.ts';
import { encodeField, readTaskFields, TASK_FIELDS } from './task-fields.ts';
import { CHECK_ACCESS, PRUNE_TASKS } from './task-scripts.ts';
import type { RunStep } from './task-steps.ts';

/** Commands of `TaskBus` that write. All reject with BusError. */

export async function createTask(run: RunStep, task: NewTask): Promise<CreateOutcome> {
  const { id, host, action, params, offer, idempotency, maxQueued, externalLimits } = task;
  const { createdBy = null, check = false, rollout = null, traceparent = null } = task;
  const key = taskKey(id);
  const shown = encodeField(params);
  const reply = (await run(
    'create-task',
    [key, idempotency === null ? key : idempotencyKey(idempotency.key)],
    [
      ...[id, host, action, shown, offer === null ? '1' : ''],
      ...[
        encodeField(offer?.params ?? null),
        offer?.sealedParams ?? '',
        encodeField(offer?.sealedSecrets ?? null),
        idempotency?.bodyHash ?? '',
        maxQueued,
      ],
      externalLimits?.owner ?? '',
      externalLimits?.maxOfHost ?? Number.MAX_SAFE_INTEGER,
      externalLimits?.maxOfOwner ?? Number.MAX_SAFE_INTEGER,
      ...[encodeField(createdBy), check ? '1' : '', encodeField(rollout), encodeField(traceparent)],
    ],
  )) as
    | ['created' | 'existing' | 'key_reused', string]
    | ['queue_full', number]
    | ['not_wanted']
    | ['too_many_external', 'host' | 'owner', number];
  switch (reply[0]) {
    case 'created': {
      const external = offer === null;
      const created = {
        id,
        host,
        action,
        params: JSON.parse(shown),
        external,
        check,
        createdAtMs: Number(reply[1]),
        createdBy,
        rollout,
        traceparent,
      };
      return { type: 'created', task: newTask(created) }; // shares no object with the caller
    }
    case 'not_wanted':
      return { type: 'not_wanted' };
    case 'queue_full':
      return { type: 'queue_full', queued: reply[1] };
    case 'too_many_external':
      return { type: 'too_many_external', of: reply[1], open: reply[2] };
    case 'existing':
    case 'key_reused':
      return { type: reply[0], id: reply[1] as TaskId };
    default:
      return reply satisfies never;
  }
}

export async function cancelTask(run: RunStep, id: TaskId): Promise<CancelOutcome> {
  const reply = await run('cancel-task', [taskKey(id)], [id]);
  const [type, status] = reply as [CancelOutcome['type'], TaskStatus];
  return type === 'ended' ? { type, status } : { type };
}

export async function changeTask(
  run: RunStep,
  id: TaskId,
  { status, ...rest }: ExternalChange,
): Promise<ChangeOutcome> {
  const given = Object.entries(rest).filter(([, value]) => value !== undefined);
  const changes = given.flatMap(([field, value]) => [field, encodeField(value)]);
  const args = [id, status ?? '', TASK_FIELDS.join(' '), ...changes];
  const [type, detail] = (await run('change-task', [taskKey(id)], args)) as [ChangeOutcome['type'], unknown];
  if (type === 'forbidden') return { type, status: detail as TaskStatus };
  if (type !== 'changed') return { type };
  const reading = readTaskFields(id, detail as (string | null)[]);
  if (!reading.ok)
    throw new BusError('refused', `the task was changed, but cannot be read: ${reading.rejection.detail}`);
  return { type, task: reading.value };
}

export async function endAbandoned(
  run: RunStep,
  ids: readonly TaskId[],
  afterMs: number,
  error: string,
): Promise<readonly TaskId[]> {
  return (await run('end-abandoned', ids.map(taskKey), [afterMs, error, ...ids])) as TaskId[];
}

export async function endLostTask(
  run: RunStep,
  id: TaskId,
  attempt: number,
  error: string,
): Promise<LostOutcome> {
  return (await run('end-lost-task', [taskKey(id)], [id, attempt, error])) as LostOutcome;
}

export async function repeatCancel(run: RunStep, id: TaskId, afterMs: number): Promise<boolean> {
  return (await run('repeat-cancel', [taskKey(id)], [id, afterMs])) === 1;
}

export async function prune(redis: Redis, { maxEnded, maxAgeMs }: Retention): Promise<number> {
  return (await runScript(
    redis,
    PRUNE_TASKS,
    [ENDED_TASKS_KEY],
    [maxEnded, maxAgeMs, PRUNE_BATCH],
  )) as number;
}

/**
 * Checks that this user may run the commands of all scripts. Rejects with BusError that names one.
 */
export async function checkAccess(redis: Redis): Promise<void> {
  const refused = await runScript(redis, CHECK_ACCESS, [], []);
  if (refused !== null) {
    throw new BusError('refused', lacksPermission(String(refused)), { reply: 'NOPERM' });
  }
}
