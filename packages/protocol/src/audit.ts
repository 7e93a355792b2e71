import { z } from 'zod';
import { credentialIdSchema, subjectSchema } from './access.ts';
import type { Cursor } from './cursor.ts';
import { cursorSchema } from './task-stream.ts';

/** `denied`: the rules refused it; `failed`: it was allowed and could not be done. */
export const auditVerdictSchema = z.enum(['allowed', 'denied', 'failed']);
export type AuditVerdict = z.infer<typeof auditVerdictSchema>;

/** Who did what from where on what, and whether it was allowed. */
export const auditEntrySchema = z.object({
  /** Position in the log: what `before` of the next page is. */
  id: cursorSchema,
  /** Unix milliseconds of the clock of the hub that was asked. */
  atMs: z.int().nonnegative(),
  /** `null`: nobody had signed in. */
  subject: subjectSchema.nullable(),
  credentialId: credentialIdSchema.nullable(),
  /** IP address of who asked; `null` when the hub itself did it. */
  address: z.string().max(100).nullable(),
  /** What was asked for: `task.create`, `token.revoke`. A newer hub may write some that this one does not know. */
  verb: z.string().min(1).max(64),
  /** On what: a host, a task's id, a credential's id. */
  target: z.string().max(500).nullable(),
  /** A phrase that says more. Never a secret. */
  detail: z.string().max(1000).nullable(),
  verdict: auditVerdictSchema,
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

/** An entry before the log has given it its place. */
export type NewAuditEntry = Omit<AuditEntry, 'id'>;

/** Newest first. `next` is the `before` of the page with older ones. */
export const auditPageSchema = z.object({
  entries: z.array(auditEntrySchema),
  next: cursorSchema.nullable(),
});
export type AuditPage = z.infer<typeof auditPageSchema>;

export type AuditQuery = {
  /** 1 to 1000. */
  readonly limit: number;
  /** Only entries older than this one. */
  readonly before?: Cursor;
};
