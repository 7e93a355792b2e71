import { z } from 'zod';
import { offeredActionSchema } from './action.ts';
import { taskArtefactsSchema } from './artefact.ts';
import { passwordOfferSchema } from './enrolment.ts';
import { hostIdSchema } from './host-id-schema.ts';
import { PARAMS_BOUNDS, RESULT_BOUNDS } from './json-bounds.ts';
import { jsonObjectSchema } from './json-object.ts';
import { sealedSecretsSchema } from './secret.ts';
import { MAX_ATTEMPTS, MAX_ERROR_CHARACTERS, MAX_MESSAGE_CHARACTERS, taskIdSchema } from './task.ts';
import type { AttemptToken } from './task-id.ts';
import { taskStepsSchema } from './task-step.ts';
import { traceparentSchema } from './traceparent-schema.ts';
import { visibleText } from './visible-text.ts';

/**
 * Id of one start of a runner, `<state>.<start>`. The first part persists in the state directory,
 * the second is new at each start. A secret between the runner and the hubs: it is stored under the
 * runner's presence key and authenticates claims.
 */
export const runnerInstanceSchema = z.string().regex(/^[\w-]{12}\.[\w-]{12}$/);
/** Returns true if both are starts of one runner. */
export const isSameRunner = (a: string, b: string): boolean => a.split('.')[0] === b.split('.')[0];

const attemptSchema = z.custom<AttemptToken>(
  (value) => typeof value === 'string' && /^[\w-]{21}$/.test(value),
);

/**
 * Longest time that a presence outlives a runner that did not remove it. It is renewed every 5 s.
 */
export const PRESENCE_TTL_MS = 15_000;

/** Error of a task whose attempt ended because its runner restarted. */
export const RUNNER_RESTARTED = 'runner restarted while the task ran';

/** Value of `booner:runner:<host>`: the runner that serves a host, and its actions. TTL 15 s. */
export const runnerPresenceSchema = z.object({
  /** First, so that it can be found without parsing the rest. */
  instance: runnerInstanceSchema,
  /** Version of the runner. */
  version: z.string().max(100),
  running: z.array(taskIdSchema).max(1000),
  actions: z.array(offeredActionSchema).max(500),
  /** Public JWK (RFC 8037, X25519) that secret parameters are encrypted for. */
  publicKey: z.object({ kty: z.literal('OKP'), crv: z.literal('X25519'), x: z.string().max(100) }),
  /** Absent if the runner cannot change its Redis password. */
  passwords: passwordOfferSchema.optional(),
});
export type RunnerPresence = z.infer<typeof runnerPresenceSchema>;

/** An entry of `booner:queue:<host>`. */
export const taskOfferSchema = z.object({
  task: taskIdSchema,
  action: z.string(),
  /** Without the secret parameters. */
  params: jsonObjectSchema(PARAMS_BOUNDS),
  /**
   * JWE (RFC 7516, compact, ECDH-ES+A256KW, A256GCM) of a JSON object with the secret parameters.
   * Only the target's runner can decrypt it. Its header names task and action.
   */
  sealedParams: z.string().nullable(),
  /** Secrets of the action, each sealed for the target's runner. Absent: none. */
  sealedSecrets: sealedSecretsSchema.optional(),
  /** A dry run: runs the action's `check` command. Absent: false. */
  check: z.boolean().optional(),
  /** Trace context, for the processes. */
  traceparent: traceparentSchema.optional(),
});
export type TaskOffer = z.infer<typeof taskOfferSchema>;

const visibleLines = (text: string): string => visibleText(text, { keep: '\n\t' });

/** Outcome of an attempt. `error` is `null` exactly when it completed. */
export const outcomeSchema = z.object({
  status: z.enum(['completed', 'failed', 'cancelled']),
  result: jsonObjectSchema(RESULT_BOUNDS).nullable(),
  error: z.string().max(MAX_ERROR_CHARACTERS).overwrite(visibleLines).nullable(),
});
export type Outcome = z.infer<typeof outcomeSchema>;

const fromRunner = { host: hostIdSchema, instance: runnerInstanceSchema };
const aboutAttempt = {
  ...fromRunner,
  task: taskIdSchema,
  attempt: attemptSchema,
  logLines: z.int().nonnegative(),
  /**
   * Number of the task's last start. A runner may start the action again within an attempt. Absent:
   * that of the grant.
   */
  number: z.int().positive().optional(),
  /** Absent: the action has one command, or the runner no longer knows. */
  steps: taskStepsSchema.optional(),
};

/** Runner to hubs, an entry of `booner:reports`. Repeated until the control stream answers. */
export const reportSchema = z.discriminatedUnion('type', [
  /** A runner announces itself and requests its streams. Not answered. */
  z.object({ type: z.literal('hello'), ...fromRunner }),
  /** Requests to start a task. Answered by `grant` or `deny`. */
  z.object({
    type: z.literal('claim'),
    ...fromRunner,
    task: taskIdSchema,
    /** True if the task may restart when this runner dies during it. Absent: false. */
    idempotent: z.boolean().optional(),
    /** Number of starts that an idempotent action allows. Absent: `DEFAULT_ATTEMPTS`. */
    attempts: z.int().positive().max(MAX_ATTEMPTS).optional(),
    /** Starts that the runner remembers, of which the hubs may not know. Absent: none. */
    starts: z.int().nonnegative().optional(),
  }),
  /**
   * Progress of an attempt. Answered, by `stop`, only if the attempt is already over for the hubs.
   */
  z.object({
    type: z.literal('progress'),
    ...aboutAttempt,
    /**
     * Counts the progress reports of an attempt, starting at 1. A lower one that arrives later is
     * ignored.
     */
    counter: z.int().positive(),
    progressPercent: z.int().min(0).max(100).nullable(),
    message: z.string().max(MAX_MESSAGE_CHARACTERS).overwrite(visibleLines).nullable(),
  }),
  /** An attempt has ended. Answered by `settled`. */
  z.object({
    type: z.literal('end'),
    ...aboutAttempt,
    outcome: outcomeSchema,
    /** Their parts have been stored before. Absent: none, or the runner no longer knows. */
    artefacts: taskArtefactsSchema.optional(),
  }),
]);
export type Report = z.infer<typeof reportSchema>;

/** Hub to runner, an entry of `booner:control:<host>`. */
export const controlMessageSchema = z.discriminatedUnion('type', [
  /** The task belongs to this instance: journal it, then start it. */
  z.object({
    type: z.literal('grant'),
    task: taskIdSchema,
    instance: runnerInstanceSchema,
    attempt: attemptSchema,
    /** Number of this start of the task. Hubs before 0.2 do not send it. */
    number: z.coerce.number().int().positive().optional(),
    /** Number of the last log line of an earlier attempt. Numbering continues from there. */
    logLines: z.coerce.number().int().nonnegative(),
  }),
  /** The task must not start. */
  z.object({ type: z.literal('deny'), task: taskIdSchema, reason: z.string() }),
  /** End the attempt and report its end. */
  z.object({ type: z.literal('cancel'), task: taskIdSchema, attempt: attemptSchema }),
  /** The attempt is over for the hubs, whatever the runner reports. End its remaining processes. */
  z.object({ type: z.literal('stop'), task: taskIdSchema, attempt: attemptSchema }),
  /** The end of the attempt is recorded. Stop reporting it. */
  z.object({ type: z.literal('settled'), task: taskIdSchema, attempt: attemptSchema }),
]);
export type ControlMessage = z.infer<typeof controlMessageSchema>;
