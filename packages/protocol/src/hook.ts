import { z } from 'zod';
import { credentialIdSchema, sha256Schema, subjectSchema } from './access.ts';
import { parameterNameSchema } from './action.ts';
import { alertNameSchema } from './alert-rule.ts';
import { jsonPointerSchema } from './json-pointer.ts';
import { MAX_HOOK_FIELDS } from './limits.ts';
import { rolloutIdSchema } from './rollout-id.ts';
import { MAX_ERROR_CHARACTERS } from './task.ts';
import { checkTargets, triggerFields } from './trigger.ts';

const timeMs = z.int().nonnegative();

/** Name of a hook, such as `deploy-web`. */
export const hookNameSchema = alertNameSchema;

/** A value that a payload must have at a place, exactly. */
const expectedValueSchema = z.union([z.string().max(500), z.number(), z.boolean(), z.null()], {
  error: 'must be a text, a number, true, false or null',
});

const atMost = (entries: object): boolean => Object.keys(entries).length <= MAX_HOOK_FIELDS;
const TOO_MANY = `must have at most ${MAX_HOOK_FIELDS} entries`;

const fields = {
  /**
   * What proves a delivery. `signature`: an HMAC of it with the secret, in `X-Hub-Signature-256` or
   * `webhook-signature`. `token`: also the secret itself, in `X-Gitlab-Token`.
   */
  auth: z.enum(['signature', 'token']).default('signature'),
  ...triggerFields,
  /** Parameters from the payload: name -> place. Nothing else is taken from it. */
  fields: z.record(parameterNameSchema, jsonPointerSchema).refine(atMost, TOO_MANY).default({}),
  /** Values that a payload must have to start anything: place -> value. */
  when: z.record(jsonPointerSchema, expectedValueSchema).refine(atMost, TOO_MANY).default({}),
};

/** A hook: an action that a request from outside starts. */
export const hookSchema = z.strictObject(fields).superRefine((hook, context) => {
  checkTargets(hook, context);
  for (const name of Object.keys(hook.fields)) {
    if (!Object.hasOwn(hook.params, name)) continue;
    const message = 'is also in params: remove it from one of the two';
    context.addIssue({ code: 'custom', path: ['fields', name], message });
  }
});
export type Hook = z.infer<typeof hookSchema>;

/** A hook as a client sets it: what has a default may be absent. */
export type NewHook = Omit<z.input<typeof hookSchema>, 'host'> & { readonly host?: string | undefined };

/**
 * `started`: a rollout was created. `replayed`: an earlier delivery with its id did so. `ignored`:
 * its payload does not have the values of `when`. `refused`: no rollout could be created.
 */
const deliveryOutcomeSchema = z.enum(['started', 'replayed', 'ignored', 'refused']);

/** Longest id of a delivery. */
const MAX_DELIVERY_ID_CHARACTERS = 255;

/** One delivery of a hook that was authentic, without its payload. */
export const hookDeliverySchema = z.object({
  atMs: timeMs,
  /** Id that the sender gave it, or else `sha256:` and the digest of its body. */
  id: z.string().max(MAX_DELIVERY_ID_CHARACTERS),
  outcome: deliveryOutcomeSchema,
  detail: z.string().max(MAX_ERROR_CHARACTERS).nullable(),
  rolloutId: rolloutIdSchema.nullable(),
});
export type HookDelivery = z.infer<typeof hookDeliverySchema>;

/** Deliveries of a hook that are kept, the newest first. */
export const MAX_HOOK_DELIVERIES = 20;

/** A hook with what hubs know of it. */
export const storedHookSchema = z.object({
  name: hookNameSchema,
  hook: hookSchema,
  /** SHA-256 of the key in its URL. */
  keySha256: sha256Schema,
  /** The secret, as a compact JWE that only hubs with the same key can open. */
  sealed: z.string(),
  createdBy: subjectSchema.nullable(),
  /** Credential whose rights each delivery has; `null` on a hub that does not require sign-in. */
  credentialId: credentialIdSchema.nullable(),
  changedAtMs: timeMs,
  /** When its key and secret were made. */
  keyAtMs: timeMs,
  /** Reason for starting nothing; `null`: it is active. */
  paused: z.string().max(MAX_ERROR_CHARACTERS).nullable(),
});
export type StoredHook = z.infer<typeof storedHookSchema>;

/** A hook in answers. */
export const shownHookSchema = storedHookSchema.omit({ keySha256: true, sealed: true }).extend({
  /** Reason why this hub cannot check deliveries; `null`: it can. */
  issue: z.string().nullable(),
  /** The last deliveries, newest first. A list of hooks has the newest one alone. */
  deliveries: z.array(hookDeliverySchema).max(MAX_HOOK_DELIVERIES),
});
export type ShownHook = z.infer<typeof shownHookSchema>;

/** Answer of `GET /hooks`. */
export const hookListSchema = z.object({ hooks: z.array(shownHookSchema) });
export type HookList = z.infer<typeof hookListSchema>;

/** A hook after a change, with its URL and secret if these are new: nothing shows them again. */
export const savedHookSchema = shownHookSchema.extend({
  url: z.string().nullable(),
  secret: z.string().nullable(),
});
export type SavedHook = z.infer<typeof savedHookSchema>;

/** Answer to a delivery. */
export const deliveryAnswerSchema = z.object({
  outcome: deliveryOutcomeSchema.exclude(['refused']),
  /** `null`: none was started. */
  rollout_id: rolloutIdSchema.nullable(),
});
