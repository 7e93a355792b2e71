import { z } from 'zod';
import { offeredActionSchema } from './action.ts';
import { hostIdSchema } from './host-id-schema.ts';
import { PARAMS_BOUNDS, RESULT_BOUNDS } from './json-bounds.ts';
import { jsonObjectSchema } from './json-object.ts';
import { MAX_ERROR_CHARACTERS, MAX_MESSAGE_CHARACTERS, taskIdSchema } from './task.ts';
import type { AttemptToken } from './task-id.ts';

/**
 * Names one start of a runner, `<state>.<start>`: the first part stays with the state directory, the second is new at each start.
 * A secret between the runner and the hubs: it stands in the key of the runner's presence, and is what a claim is trusted by.
 */
export const runnerInstanceSchema = z.string().regex(/^[\w-]{12}\.[\w-]{12}$/);
/** Whether both are starts of one runner. */
export const isSameRunner = (a: string, b: string): boolean => a.split('.')[0] === b.split('.')[0];

const attemptSchema = z.custom<AttemptToken>(
  (value) => typeof value === 'string' && /^[\w-]{21}$/.test(value),
);

/** A presence outlives a runner that did not take it away by this time at most. It is renewed every 5 s. */
export const PRESENCE_TTL_MS = 15_000;

/** Error of a task whose attempt ended because its runner restarted. */
export const RUNNER_RESTARTED = 'runner restarted while the task ran';

/** Value of `booner:runner:<host>`: who runs tasks on a host, and what it offers. It lives for 15 s. */
export const runnerPresenceSchema = z.object({
  /** First, so that it can be found without reading the rest. */
  instance: runnerInstanceSchema,
  /** Of the runner. */
  version: z.string().max(100),
  running: z.array(taskIdSchema).max(1000),
  actions: z.array(offeredActionSchema).max(500),
  /** Public JWK (RFC 8037, X25519) that secret parameters are sealed for. */
  publicKey: z.object({ kty: z.literal('OKP'), crv: z.literal('X25519'), x: z.string().max(100) }),
});
export type RunnerPresence = z.infer<typeof runnerPresenceSchema>;

/** An entry of `booner:queue:<host>`. */
export const taskOfferSchema = z.object({
  task: taskIdSchema,
  action: z.string(),
  /** Without the secret ones. */
  params: jsonObjectSchema(PARAMS_BOUNDS),
  /** JWE (RFC 7516, compact, ECDH-ES+A256KW, A256GCM) of a JSON object of the secret parameters, readable by the target's runner alone. Its header names task and action. */
  sealedParams: z.string().nullable(),
});
export type TaskOffer = z.infer<typeof taskOfferSchema>;

/** What became of an attempt. `error` is `null` exactly when it completed. */
export const outcomeSchema = z.object({
  status: z.enum(['completed', 'failed', 'cancelled']),
  result: jsonObjectSchema(RESULT_BOUNDS).nullable(),
  error: z.string().max(MAX_ERROR_CHARACTERS).nullable(),
});
export type Outcome = z.infer<typeof outcomeSchema>;

const fromRunner = { host: hostIdSchema, instance: runnerInstanceSchema };
const aboutAttempt = {
  ...fromRunner,
  task: taskIdSchema,
  attempt: attemptSchema,
  logLines: z.int().nonnegative(),
};

/** Runner to hubs, an entry of `booner:reports`. Sent again until the control stream answers. */
export const reportSchema = z.discriminatedUnion('type', [
  /** A runner is there, and wants its streams. Not answered. */
  z.object({ type: z.literal('hello'), ...fromRunner }),
  /** Wants to start a task. Answered by `grant` or `deny`. */
  z.object({
    type: z.literal('claim'),
    ...fromRunner,
    task: taskIdSchema,
    /** True if the task may be started again when this runner dies in the middle; absent: no. */
    idempotent: z.boolean().optional(),
  }),
  /** How far an attempt is. Answered only when the attempt is over for the hubs, by `stop`. */
  z.object({
    type: z.literal('progress'),
    ...aboutAttempt,
    /** Counts the progress reports of an attempt from 1; an older one that arrives later is ignored. */
    counter: z.int().positive(),
    progressPercent: z.int().min(0).max(100).nullable(),
    message: z.string().max(MAX_MESSAGE_CHARACTERS).nullable(),
  }),
  /** An attempt has ended. Answered by `settled`. */
  z.object({ type: z.literal('end'), ...aboutAttempt, outcome: outcomeSchema }),
]);
export type Report = z.infer<typeof reportSchema>;

/** Hub to runner, an entry of `booner:control:<host>`. */
export const controlMessageSchema = z.discriminatedUnion('type', [
  /** The task is this instance's: journal it, then start it. */
  z.object({
    type: z.literal('grant'),
    task: taskIdSchema,
    instance: runnerInstanceSchema,
    attempt: attemptSchema,
    /** Number of the last line in the task's log, written by an earlier attempt; the numbers go on from there. */
    logLines: z.coerce.number().int().nonnegative(),
  }),
  /** The task is not to be started. */
  z.object({ type: z.literal('deny'), task: taskIdSchema, reason: z.string() }),
  /** End the attempt, and report its end. */
  z.object({ type: z.literal('cancel'), task: taskIdSchema, attempt: attemptSchema }),
  /** For the hubs the attempt is over, whatever its runner says: end what is left of it. */
  z.object({ type: z.literal('stop'), task: taskIdSchema, attempt: attemptSchema }),
  /** The end of the attempt was recorded: it need not be reported again. */
  z.object({ type: z.literal('settled'), task: taskIdSchema, attempt: attemptSchema }),
]);
export type ControlMessage = z.infer<typeof controlMessageSchema>;
