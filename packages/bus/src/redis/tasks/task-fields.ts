import {
  type Cursor,
  type Task,
  type TaskEvent,
  type TaskId,
  taskSchema,
  taskServerMessageSchema,
} from '@booner/protocol';
import { z } from 'zod';
import { type Reading, reject, validate } from '../../stored-values.ts';
import { fieldsOf } from '../connection/stream-fields.ts';

/**
 * Public fields of `booner:task:<id>`, in the order of `HMGET`. The hash also has internal ones.
 */
export const TASK_FIELDS = Object.keys(taskSchema.shape) as readonly (keyof Task)[];

const compiledTaskSchema = z.compile(taskSchema, { strict: true });
const compiledServerMessageSchema = z.compile(taskServerMessageSchema, { strict: true });

/** Longer texts are not parsed. Params and results have a fraction of this. */
const MAX_JSON_CHARACTERS = 64 * 1024;

type Decode = (text: string) => unknown;

const asText: Decode = (text) => text;
const asNumber: Decode = (text) => (/^\d{1,16}$/.test(text) ? Number(text) : text);
const asFlag: Decode = (text) => text === '1';
const asJson: Decode = (text) => {
  if (text.length > MAX_JSON_CHARACTERS) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // which the schema rejects
  }
};

const DECODERS: Readonly<Record<keyof Task, Decode>> = {
  id: asText,
  version: asNumber,
  status: asText,
  host: asText,
  action: asText,
  params: asJson,
  external: asFlag,
  check: asFlag,
  attempt: asNumber,
  maxAttempts: asNumber,
  createdAtMs: asNumber,
  createdBy: asText,
  rollout: asText,
  traceparent: asText,
  startedAtMs: asNumber,
  endedAtMs: asNumber,
  cancelRequestedAtMs: asNumber,
  progressPercent: asNumber,
  message: asText,
  result: asJson,
  error: asText,
  logLines: asNumber,
  steps: asJson,
  artefacts: asJson,
};

/** Parses the values of {@link TASK_FIELDS} of a task's hash. */
export function readTaskFields(id: TaskId, values: readonly (string | null)[]): Reading<Task> {
  const stored = new Map(TASK_FIELDS.map((field, index) => [field as string, values[index] ?? '']));
  return validate(`task ${id}`, compiledTaskSchema, {
    ...decodeAll(stored),
    id: stored.get('id') === id ? id : null,
  });
}

/** Parses an entry of the event stream. `created` has all fields, others have the changed ones. */
export function readEventFields(cursor: Cursor, flat: readonly string[]): Reading<TaskEvent> {
  const stored = fieldsOf(flat);
  const id = stored.get('task');
  const kind = stored.get('kind');
  const what = `event ${cursor}`;
  if (kind === 'created') {
    const reading = validate(what, compiledTaskSchema, { ...decodeAll(stored), id });
    return reading.ok ? { ok: true, value: { type: 'event', cursor, kind, task: reading.value } } : reading;
  }
  const task = { ...decodeGiven(stored), id };
  const reading = validate(what, compiledServerMessageSchema, { type: 'event', cursor, kind, task });
  if (!reading.ok) return reading;
  return reading.value.type === 'event'
    ? { ok: true, value: reading.value }
    : reject('wrong_shape', null, `${what}: not an event`);
}

/** Returns the stored form of a task's field. An empty text stands for `null`. */
export function encodeField(value: unknown): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Returns every field of a task. Fields that are not stored are `null`. */
const decodeAll = (stored: ReadonlyMap<string, string>) =>
  Object.fromEntries(TASK_FIELDS.map((field) => [field, decode(field, stored.get(field) ?? '')]));

const decodeGiven = (stored: ReadonlyMap<string, string>) =>
  Object.fromEntries(
    TASK_FIELDS.filter((field) => stored.has(field)).map((field) => [
      field,
      decode(field, stored.get(field) as string),
    ]),
  );

const decode = (field: keyof Task, text: string): unknown => {
  const decoder = DECODERS[field];
  return text === '' && decoder !== asFlag ? null : decoder(text);
};
