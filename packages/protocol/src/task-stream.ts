import { z } from 'zod';
import { busStateSchema, waitingSchema } from './bus-state.ts';
import { type Cursor, parseCursor } from './cursor.ts';
import { hostIdSchema } from './host-id-schema.ts';
import { pingSchema, pongSchema } from './ping.ts';
import { taskIdSchema, taskSchema } from './task.ts';
import { logLineSchema } from './task-log.ts';

export const cursorSchema = z.custom<Cursor>(
  (value) => typeof value === 'string' && parseCursor(value) !== null,
  { error: 'must be a cursor that this stream sent, such as 1732345678901-0' },
);

/** Reason for a task's new version. `progress` also tells that a task whose runner was lost is queued again. */
export const taskEventKindSchema = z.enum(['created', 'started', 'progress', 'cancelling', 'ended']);
export type TaskEventKind = z.infer<typeof taskEventKindSchema>;

/** Every task in scope that has not ended and those that ended last. Sent on connect, and when a cursor cannot be resumed. */
const snapshotSchema = z.object({
  type: z.literal('snapshot'),
  /** The events that follow come after this position. */
  cursor: cursorSchema,
  /** Unless `connected`, the hub hears of no changes: the tasks may be further on. Absent from hubs before 0.2. */
  bus: busStateSchema.optional(),
  tasks: z.array(taskSchema),
});

/** The answer to a cursor whose events are all there still: they follow, and nothing else. */
const resumedSchema = z.object({
  type: z.literal('resumed'),
  cursor: cursorSchema,
  bus: busStateSchema.optional(),
});

/** The hub lost the bus, or has caught up with it again. Between the two no events come. */
const busSchema = z.object({ type: z.literal('bus'), bus: busStateSchema });

/** One transition. `created` holds the whole task, the others what changed: fields that replace those of the task. */
const eventSchema = z.object({
  type: z.literal('event'),
  cursor: cursorSchema,
  kind: taskEventKindSchema,
  task: taskSchema.partial().required({ id: true, version: true, host: true, status: true }),
});

/** Output of a followed task: its tail first, then what comes. */
const logSchema = z.object({
  type: z.literal('log'),
  taskId: taskIdSchema,
  lines: z.array(logLineSchema),
  /** Lines before the first of `lines` that the one who follows did not get and never will. */
  droppedLines: z.int().nonnegative(),
  /** The task has ended and this was its last output. */
  end: z.boolean(),
});

const errorSchema = z.object({ type: z.literal('error'), detail: z.string() });

/** Hub to client on `/ws/tasks/updates` with `booner.v2`. Clients ignore types that they do not know. */
export const taskServerMessageSchema = z.discriminatedUnion('type', [
  waitingSchema,
  snapshotSchema,
  resumedSchema,
  busSchema,
  eventSchema,
  logSchema,
  errorSchema,
  pongSchema,
]);

/** Client to hub. The query of the URL (`?cursor=…&hosts=a,b`) does for the first answer what `subscribe` does later. */
export const taskClientMessageSchema = z.discriminatedUnion('type', [
  /** Answered by `resumed` and what was missed, or by a `snapshot`. */
  z.strictObject({
    type: z.literal('subscribe'),
    /** Absent: all hosts. */
    hosts: z.array(hostIdSchema).max(1000).optional(),
    cursor: cursorSchema.optional(),
  }),
  z.strictObject({
    type: z.literal('follow'),
    taskId: taskIdSchema,
    /** Number of the last line that the client has; absent: the tail of the log. */
    afterLine: z.int().nonnegative().optional(),
  }),
  z.strictObject({ type: z.literal('unfollow'), taskId: taskIdSchema }),
  pingSchema,
]);

export type TaskSnapshot = z.infer<typeof snapshotSchema>;
export type TaskResumed = z.infer<typeof resumedSchema>;
export type TaskEvent = z.infer<typeof eventSchema>;
export type TaskLogMessage = z.infer<typeof logSchema>;
export type TaskServerMessage = z.infer<typeof taskServerMessageSchema>;
export type TaskClientMessage = z.infer<typeof taskClientMessageSchema>;
