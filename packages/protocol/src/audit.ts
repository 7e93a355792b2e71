import { z } from 'zod';
import { credentialIdSchema, subjectSchema } from './access.ts';
import type { Cursor } from './cursor.ts';
import { cursorSchema } from './cursor-schema.ts';

/** `denied`: access rules refused it. `failed`: it was allowed but did not succeed. */
export const auditVerdictSchema = z.enum(['allowed', 'denied', 'failed']);
export type AuditVerdict = z.infer<typeof auditVerdictSchema>;

/** One audit event: who did what to which target, from where, and with which verdict. */
export const auditEntrySchema = z.object({
  /** Position in the log, and the `before` of the next page. */
  id: cursorSchema,
  /** Unix milliseconds of the clock of the hub that handled the request. */
  atMs: z.int().nonnegative(),
  /**
   * Id of a credential, a space and its name. The id comes first, so no name can imitate another's
   * subject. Sessions have the id of the token that they were started with. `null`: not signed in.
   */
  subject: subjectSchema.nullable(),
  /** Credential of the request: a token or a session. */
  credentialId: credentialIdSchema.nullable(),
  /** IP address of the client. `null` if the hub itself acted. */
  address: z.string().max(100).nullable(),
  /**
   * Name of the event, such as `task.create` or `token.revoke`. Newer hubs may write unknown ones.
   */
  verb: z.string().min(1).max(64),
  /** Host, task id or credential id. */
  target: z.string().max(500).nullable(),
  /** Additional text. Never contains a secret. */
  detail: z.string().max(1000).nullable(),
  verdict: auditVerdictSchema,
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

/** An entry before the log assigns its id. */
export type NewAuditEntry = Omit<AuditEntry, 'id'>;

/** Newest first. `next` is the `before` of the next page, which holds older entries. */
export const auditPageSchema = z.object({
  entries: z.array(auditEntrySchema),
  next: cursorSchema.nullable(),
});
export type AuditPage = z.infer<typeof auditPageSchema>;

/** Answer of `GET /audit`. */
export const shownAuditPageSchema = auditPageSchema.extend({
  /**
   * The newest entry that was looked at, shown or not: the `after` of a reader that follows.
   * `null`: there was none. Hubs before 0.2 do not say.
   */
  newest: cursorSchema.nullable().optional(),
});
export type ShownAuditPage = z.infer<typeof shownAuditPageSchema>;

export type AuditQuery = {
  /** 1 to 1000. */
  readonly limit: number;
  /** Return only entries older than this one. */
  readonly before?: Cursor;
  /** Return only entries newer than this one. */
  readonly after?: Cursor;
};
