import { z } from 'zod';
import { taskArtefactsSchema } from './artefact.ts';
import { busStateSchema, waitingSchema } from './bus-state.ts';
import { cursorSchema } from './cursor-schema.ts';
import { hostIdSchema } from './host-id-schema.ts';
import { pingSchema, pongSchema } from './ping.ts';
import { rolloutIdSchema } from './rollout-id.ts';
import { taskIdSchema, taskSchema } from './task.ts';
import { logLineSchema } from './task-log.ts';
import { taskStepsSchema } from './task-step.ts';
import { traceparentSchema } from './traceparent-schema.ts';

/**
 * Reason for a task's new version. `progress` also covers a task that is queued again because its
 * runner was lost.
 */
export const taskEventKindSchema = z.enum(['created', 'started', 'progress', 'cancelling', 'ended']);
export type TaskEventKind = z.infer<typeof taskEventKindSchema>;

/**
 * Every task in scope that has not ended, and the most recently ended ones. Sent on connect, and if
 * a cursor cannot be resumed.
 */
const snapshotSchema = z.object({
  type: z.literal('snapshot'),
  /** Position after which the following events come. */
  cursor: cursorSchema,
  /**
   * Unless `connected`, the hub receives no changes, so tasks may have advanced. Hubs before 0.2 do
   * not send it.
   */
  bus: busStateSchema.optional(),
  tasks: z.array(taskSchema),
});

/** Answer to a cursor whose events are all available. Only these events follow. */
const resumedSchema = z.object({
  type: z.literal('resumed'),
  cursor: cursorSchema,
  bus: busStateSchema.optional(),
});

/** The hub lost the bus, or has caught up with it again. No events arrive in between. */
const busSchema = z.object({ type: z.literal('bus'), bus: busStateSchema });

/** Any fields of a task. Without defaults, which would stand for a change. */
const taskChangeSchema = taskSchema
  .extend({
    check: z.boolean(),
    maxAttempts: z.int().positive().nullable(),
    rollout: rolloutIdSchema.nullable(),
    steps: taskStepsSchema.nullable(),
    artefacts: taskArtefactsSchema.nullable(),
    traceparent: traceparentSchema.nullable(),
  })
  .partial()
  .required({ id: true, version: true, host: true, status: true });

/** One transition. `created` holds the whole task. The others hold only the changed fields. */
const eventSchema = z.object({
  type: z.literal('event'),
  cursor: cursorSchema,
  kind: taskEventKindSchema,
  task: taskChangeSchema,
});

/** Output of a followed task: its tail first, then new lines. */
const logSchema = z.object({
  type: z.literal('log'),
  taskId: taskIdSchema,
  lines: z.array(logLineSchema),
  /** Lines before the first of `lines` that this follower will never receive. */
  droppedLines: z.int().nonnegative(),
  /** The task has ended, and this was its last output. */
  end: z.boolean(),
});

const errorSchema = z.object({ type: z.literal('error'), detail: z.string() });

/** Hub to client on `/ws/tasks/updates` with `booner.v2`. Clients ignore unknown types. */
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

/**
 * Client to hub. The URL's query (`?cursor=…&hosts=a,b`) determines the first answer, as
 * `subscribe` determines later ones.
 */
export const taskClientMessageSchema = z.discriminatedUnion('type', [
  /** Answered by `resumed` and the missed events, or by a `snapshot`. */
  z.strictObject({
    type: z.literal('subscribe'),
    /** Absent: all hosts. */
    hosts: z.array(hostIdSchema).max(1000).optional(),
    cursor: cursorSchema.optional(),
  }),
  z.strictObject({
    type: z.literal('follow'),
    taskId: taskIdSchema,
    /** Number of the last line that the client has. Absent: start with the tail of the log. */
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
