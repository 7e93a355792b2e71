import {
  actionApprovalSchema,
  actionNameSchema,
  actionRoleSchema,
  artefactNameSchema,
  jsonObjectSchema,
  logLineSchema,
  MAX_STEPS,
  outcomeSchema,
  PARAMS_BOUNDS,
  parameterSchema,
  secretNameSchema,
  secretNamesSchema,
  stepNameSchema,
  taskArtefactsSchema,
  taskIdSchema,
  taskStepSchema,
  traceparentSchema,
} from '@booner/protocol';
import { MAX_SECRET_BYTES, MAX_SECRETS_OF_ACTION } from '@booner/protocol/limits';
import { findSecretIssue } from '@booner/protocol/secret-value';
import { z } from 'zod';
import type { ListedAction } from '../catalogue/action.ts';

/**
 * Version of the messages between the runner and the launcher. Both come from one package, and an
 * upgrade restarts both, so each refuses any other version.
 */
export const LAUNCH_VERSION = 3;

/** Longest message, in bytes of its line. */
export const MAX_REQUEST_BYTES = 256 * 1024;
/** An action file has at most 64 KiB. */
export const MAX_REPLY_BYTES = 1024 * 1024;

/** Runs at a time that a launcher starts; the limit of `BOONER_CONCURRENCY`. */
export const MAX_RUNS = 100;

/** Questions that a launcher answers at a time: more than a runner has attempts to recover. */
export const MAX_QUESTIONS = 1000;

/** Names a run, or a question, among those of one connection. */
const numberSchema = z.int().nonnegative();

/** The first message in both directions. */
export const helloSchema = z.object({ type: z.literal('hello'), version: z.int() });

/** Values of secrets by name. */
const secretsSchema = z
  .record(
    secretNameSchema,
    z
      .string()
      .max(MAX_SECRET_BYTES)
      .refine((value) => findSecretIssue(value) === null),
  )
  .refine((secrets) => Object.keys(secrets).length <= MAX_SECRETS_OF_ACTION);

/** A request of a runner to the launcher. */
export const requestSchema = z.discriminatedUnion('type', [
  /** Ends the processes that earlier starts left of a task. Answered by `left_ended`. */
  z.strictObject({ type: z.literal('end_left'), question: numberSchema, task: taskIdSchema }),
  /** Asks for the actions, now and after each change. */
  z.strictObject({ type: z.literal('serve') }),
  /** Starts an action. Answered by lines, progress, steps and one `ended`. */
  z.strictObject({
    type: z.literal('start'),
    run: numberSchema,
    task: taskIdSchema,
    action: actionNameSchema,
    /** Plain and secret parameters: each has the bounds of all parameters of a task. */
    params: jsonObjectSchema({ ...PARAMS_BOUNDS, maxBytes: 2 * PARAMS_BOUNDS.maxBytes }),
    secrets: secretsSchema.optional(),
    check: z.boolean().optional(),
    traceparent: traceparentSchema.optional(),
  }),
  /** Ends a run with this outcome; `graceMs` from TERM to KILL. */
  z.strictObject({
    type: z.literal('end'),
    run: numberSchema,
    outcome: outcomeSchema,
    graceMs: z.int().nonnegative().max(3_600_000),
  }),
]);
export type Request = z.infer<typeof requestSchema>;

const listedActionSchema = z.object({
  name: actionNameSchema,
  description: z.string(),
  parameters: z.array(parameterSchema),
  secrets: secretNamesSchema,
  timeoutSeconds: z.int().positive(),
  concurrency: z.int().positive(),
  lock: z.string().nullable(),
  role: actionRoleSchema,
  schedulable: z.boolean(),
  approval: actionApprovalSchema.nullable(),
  checkable: z.boolean(),
  steps: z.array(z.object({ name: stepNameSchema })).max(MAX_STEPS),
  idempotent: z.boolean(),
  retry: z.object({ attempts: z.int().positive(), backoffMs: z.int().nonnegative() }).nullable(),
  onStop: z.enum(['finish', 'fail']),
});

/** A message of the launcher to a runner. */
export const replySchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('left_ended'), question: numberSchema, processes: z.int().nullable() }),
  /** One of the actions that the next `actions` completes. */
  z.object({ type: z.literal('action'), action: listedActionSchema }),
  /** The actions are those since the previous `actions`. */
  z.object({ type: z.literal('actions') }),
  z.object({
    type: z.literal('line'),
    run: numberSchema,
    stream: logLineSchema.shape.stream,
    text: z.string(),
  }),
  z.object({
    type: z.literal('progress'),
    run: numberSchema,
    progressPercent: z.number().nullable(),
    message: z.string().nullable(),
  }),
  z.object({
    type: z.literal('steps'),
    run: numberSchema,
    steps: z.array(taskStepSchema.omit({ firstLine: true })).max(MAX_STEPS),
  }),
  /** The next part of an artefact, in base64. Those of one artefact come in order. */
  z.object({ type: z.literal('artefact'), run: numberSchema, name: artefactNameSchema, data: z.string() }),
  /** All artefacts of the run have been sent. */
  z.object({
    type: z.literal('artefacts'),
    run: numberSchema,
    missing: taskArtefactsSchema.shape.missing,
  }),
  /** Nothing of the run is left, unless the outcome says so. */
  z.object({ type: z.literal('ended'), run: numberSchema, outcome: outcomeSchema }),
  /** The launcher closes the connection because of this. */
  z.object({ type: z.literal('error'), reason: z.string() }),
]);
export type Reply = z.infer<typeof replySchema>;

/** Picks what {@link listedActionSchema} describes: nothing that is behind the action. */
export const listAction = (action: ListedAction): Reply => ({
  type: 'action',
  action: listedActionSchema.parse(action),
});
