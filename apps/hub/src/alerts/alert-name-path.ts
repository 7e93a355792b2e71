import { alertNameSchema } from '@booner/protocol';
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { invalidRequest } from '../http/json-body.ts';

/** Parameters of paths with `{name}`; {@link nameFromPath} parses them. */
export const nameParams = z.object({
  name: alertNameSchema.meta({ type: 'string', example: 'ops' }),
});

/** Parses the name of a path. @returns the answer to an invalid one instead: 400 */
export function nameFromPath(c: Context): string | Response {
  const { data, error } = alertNameSchema.safeParse(c.req.param('name') ?? '');
  if (error === undefined) return data;
  const detail = error.issues.map(({ message }) => message).join(', ');
  return invalidRequest(c, 400, 'Invalid name', [{ pointer: '/name', detail }]);
}
