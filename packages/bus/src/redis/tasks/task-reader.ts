import { type Cursor, parseTaskId, START_CURSOR, type Task, type TaskId } from '@booner/protocol';
import {
  ENDED_TASKS_KEY,
  EVENTS_KEY,
  OPEN_TASKS_KEY,
  TASKS_KEY,
  taskKey,
} from '@booner/protocol/redis-names';
import type { Redis } from 'ioredis';
import type { Rejection } from '../../ports.ts';
import { reject } from '../../stored-values.ts';
import type { TaskPage, TaskQuery } from '../../task-ports.ts';
import { rethrow } from '../connection/client.ts';
import { readBatch } from '../connection/read-batch.ts';
import { readStreamInfo } from './stream-info.ts';
import { readTaskFields, TASK_FIELDS } from './task-fields.ts';

export type OnRejected = (rejection: Rejection) => void;

/** Tasks read in one round trip, and judged before the event loop has its turn: some 5 ms of work. */
const BATCH_TASKS = 100;

/** One task; `null` also for one that cannot be read. Rejects with BusError. */
export async function readTask(redis: Redis, id: TaskId, onRejected: OnRejected): Promise<Task | null> {
  const [task] = await readTasks(redis, [id], onRejected);
  return task ?? null;
}

/** The tasks of an index that have not ended and those that ended last, with a position that all of them are as new as. Rejects with BusError. */
export async function readBoard(redis: Redis, ended: number, onRejected: OnRejected) {
  const cursor: Cursor = (await readStreamInfo(redis, EVENTS_KEY))?.lastId ?? START_CURSOR;
  // In this order: a task that ends in between is in both, and never in neither.
  const open = await redis.zrange(OPEN_TASKS_KEY, '0', '-1').catch(rethrow);
  const last = ended > 0 ? await redis.zrange(ENDED_TASKS_KEY, `${-ended}`, '-1').catch(rethrow) : [];
  const ids = [...new Set([...open, ...last])];
  const tasks: Task[] = [];
  for (let start = 0; start < ids.length; start += BATCH_TASKS) {
    tasks.push(...(await readTasks(redis, ids.slice(start, start + BATCH_TASKS), onRejected)));
  }
  return { cursor, tasks };
}

/**
 * A page of tasks, newest first. `next` holds the creation (µs) and the id of the page's last task, so that it stays good when
 * that task is forgotten; one that cannot be read gives an empty page. Rejects with BusError.
 */
export async function listTasks(redis: Redis, query: TaskQuery, onRejected: OnRejected): Promise<TaskPage> {
  const { status, limit, after } = query;
  const index = status === 'queued' || status === 'running' ? OPEN_TASKS_KEY : TASKS_KEY;
  const found: { readonly task: Task; readonly position: string }[] = [];
  let position = after ?? null;
  while (found.length <= limit) {
    const part = await readIndex(redis, index, position);
    if (part.size === 0) break;
    const tasks = await readTasks(redis, [...part.keys()], onRejected);
    for (const task of tasks) {
      if (isWanted(task, query)) found.push({ task, position: part.get(task.id) as string });
    }
    position = [...part.values()].at(-1) as string;
  }
  const page = found.slice(0, limit);
  return {
    tasks: page.map(({ task }) => task),
    next: found.length > limit ? (page.at(-1)?.position ?? null) : null,
  };
}

const POSITION = /^(\d{1,19})-([\w-]{21})$/;

/** The next ids of an index, newest first, each with its position. */
async function readIndex(redis: Redis, index: string, after: string | null): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  const [, lastScore = '+inf', lastId = ''] = after === null ? [] : (POSITION.exec(after) ?? ['', '-inf']);
  // What has the score of the last one comes again, and is left out.
  for (let offset = 0; ids.size === 0; offset += BATCH_TASKS) {
    const flat = await redis
      .zrange(index, lastScore, '-inf', 'BYSCORE', 'REV', 'LIMIT', offset, BATCH_TASKS, 'WITHSCORES')
      .catch(rethrow);
    for (let at = 0; at + 1 < flat.length; at += 2) {
      const [id, score] = [flat[at]!, flat[at + 1]!];
      if (score === lastScore && id >= lastId) continue;
      ids.set(id, `${score}-${id}`);
    }
    if (flat.length === 0) break;
  }
  return ids;
}

const isWanted = (task: Task, { status, host, action }: TaskQuery): boolean =>
  (status === undefined || task.status === status) &&
  (host === undefined || task.host === host) &&
  (action === undefined || task.action === action);

/** The readable ones of some tasks, in their order. */
async function readTasks(redis: Redis, ids: readonly string[], onRejected: OnRejected): Promise<Task[]> {
  const known = ids.map(parseTaskId).filter((id) => id !== null);
  const replies = await readBatch(redis, (pipeline) => {
    for (const id of known) pipeline.hmget(taskKey(id), ...TASK_FIELDS);
  });
  return known.flatMap((id, index) => {
    const [error, values] = replies[index] as [Error | null, (string | null)[]];
    if (error !== null) {
      onRejected(reject('wrong_shape', null, `task ${id}: its key is no hash`).rejection);
      return [];
    }
    if (values.every((value) => value === null)) return [];
    const reading = readTaskFields(id, values);
    if (!reading.ok) onRejected(reading.rejection);
    return reading.ok ? [reading.value] : [];
  });
}
