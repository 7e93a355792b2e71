import { type Cursor, parseTaskId, START_CURSOR, type Task, type TaskId } from '@booner/protocol';
import {
  ENDED_TASKS_KEY,
  EVENTS_KEY,
  idempotencyKey,
  OPEN_TASKS_KEY,
  TASKS_KEY,
  taskKey,
} from '@booner/protocol/redis-names';
import type { Redis } from 'ioredis';
import { accept, type OnRejected, reject } from '../../stored-values.ts';
import type { TaskPage, TaskQuery } from '../../task-ports.ts';
import { rethrow } from '../connection/client.ts';
import { readBatch } from '../connection/read-batch.ts';
import { readStreamInfo } from '../connection/stream-info.ts';
import { readTaskFields, TASK_FIELDS } from './task-fields.ts';

/**
 * Tasks read in one round trip and parsed before the event loop gets a turn: about 5 ms of work.
 */
const BATCH_TASKS = 100;

const UNREADABLE_KEY = 'an idempotency key does not hold the id of a task';
const POSITION = /^(\d{1,19})-([\w-]{21})$/;

/** Reads tasks. All methods reject with BusError; a task that cannot be parsed is left out. */
export function createTaskReader(redis: Redis, onRejected: OnRejected) {
  /** The readable tasks of some ids, in their order. */
  const readMany = async (ids: readonly string[]): Promise<Task[]> => {
    const known = ids.map(parseTaskId).filter((id) => id !== null);
    const replies = await readBatch(redis, (pipeline) => {
      for (const id of known) pipeline.hmget(taskKey(id), ...TASK_FIELDS);
    });
    return known.flatMap((id, index) => {
      const [error, values] = replies[index] as [Error | null, (string | null)[]];
      if (error !== null) {
        onRejected(reject('wrong_shape', null, `task ${id}: its key is not a hash`).rejection);
        return [];
      }
      if (values.every((value) => value === null)) return [];
      return accept(readTaskFields(id, values), onRejected) ?? [];
    });
  };

  /** The next ids of an index, newest first, each with its position. */
  const readIndex = async (index: string, after: string | null): Promise<Map<string, string>> => {
    const ids = new Map<string, string>();
    const [, lastScore = '+inf', lastId = ''] = after === null ? [] : (POSITION.exec(after) ?? ['', '-inf']);
    // Ids with the score of the last one are returned again, and skipped.
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
  };

  return {
    read: async (id: TaskId): Promise<Task | null> => (await readMany([id]))[0] ?? null,

    /** The task that an idempotency key created. The key holds its id, a space, and a hash. */
    findByKey: async (key: string): Promise<TaskId | null> => {
      const stored = await redis.get(idempotencyKey(key)).catch(rethrow);
      if (stored === null) return null;
      const id = parseTaskId(stored.split(' ', 1)[0] ?? '');
      if (id === null) onRejected(reject('wrong_shape', null, UNREADABLE_KEY).rejection);
      return id;
    },

    /**
     * A page of tasks, newest first. `next` holds the creation (µs) and the id of the page's last
     * task, so that it stays valid when that task is forgotten. A position that cannot be parsed
     * gives an empty page.
     */
    list: async (query: TaskQuery): Promise<TaskPage> => {
      const { status, limit, after } = query;
      const index = status === 'queued' || status === 'running' ? OPEN_TASKS_KEY : TASKS_KEY;
      const found: { readonly task: Task; readonly position: string }[] = [];
      let position = after ?? null;
      while (found.length <= limit) {
        const part = await readIndex(index, position);
        if (part.size === 0) break;
        for (const task of await readMany([...part.keys()])) {
          if (matches(task, query)) found.push({ task, position: part.get(task.id) as string });
        }
        position = [...part.values()].at(-1) as string;
      }
      const page = found.slice(0, limit);
      return {
        tasks: page.map(({ task }) => task),
        next: found.length > limit ? (page.at(-1)?.position ?? null) : null,
      };
    },

    /** Open tasks and those that ended last, with a position that all of them are as new as. */
    readBoard: async (ended: number) => {
      const cursor: Cursor = (await readStreamInfo(redis, EVENTS_KEY))?.lastId ?? START_CURSOR;
      // In this order a task that ends between the two reads is in both, and never in neither.
      const open = await redis.zrange(OPEN_TASKS_KEY, '0', '-1').catch(rethrow);
      const last = ended > 0 ? await redis.zrange(ENDED_TASKS_KEY, `${-ended}`, '-1').catch(rethrow) : [];
      const ids = [...new Set([...open, ...last])];
      const tasks: Task[] = [];
      for (let start = 0; start < ids.length; start += BATCH_TASKS) {
        tasks.push(...(await readMany(ids.slice(start, start + BATCH_TASKS))));
      }
      return { cursor, tasks };
    },
  };
}

const matches = (task: Task, { status, host, action, includesHost }: TaskQuery): boolean =>
  (status === undefined || task.status === status) &&
  (host === undefined || task.host === host) &&
  (includesHost?.(task.host) ?? true) &&
  (action === undefined || task.action === action);
