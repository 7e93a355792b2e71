import { z } from 'zod';

/** Media type of {@link problemSchema}. */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** Problem details for HTTP APIs, RFC 9457. */
export const problemSchema = z.object({
  type: z.string().default('about:blank'),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  /**
   * Names a problem that programs handle. `sign_in_again`: a session may make this request only if
   * its person confirms it with `POST /auth/session/confirm`, or signs in again.
   */
  code: z.enum(['sign_in_again']).optional(),
  /**
   * One entry per invalid field. `pointer` is a JSON pointer (RFC 6901) into the body or the query.
   */
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
});

export type Problem = z.infer<typeof problemSchema>;
