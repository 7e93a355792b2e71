import { PROBLEM_MEDIA_TYPE, type Problem } from '@booner/protocol';
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** Answers with `application/problem+json` (RFC 9457). */
export function problem(
  c: Context,
  status: ContentfulStatusCode,
  title: string,
  detail: string,
  errors?: Problem['errors'],
  code?: Problem['code'],
): Response {
  const body: Problem = {
    type: 'about:blank',
    title,
    status,
    detail,
    ...(code === undefined ? {} : { code }),
    ...(errors === undefined ? {} : { errors }),
  };
  return c.body(JSON.stringify(body), status, { 'content-type': PROBLEM_MEDIA_TYPE });
}
