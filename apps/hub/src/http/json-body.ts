import { type JsonIssue, pointerTo, readJson } from '@booner/protocol/json-text';
import type { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { problem } from './problem.ts';

/** Issues listed in an answer; further ones are only counted. */
const MAX_ISSUES = 50;
export const JSON_MEDIA_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

export type JsonBodyOptions = {
  /** Treats an empty body as `{}`. */
  readonly allowEmpty?: boolean;
};

/**
 * Parses the body of a request.
 * @returns the value, or the answer to an invalid one: 415, or 400 with a pointer to each issue
 */
export async function readJsonBody<Schema extends z.ZodType>(
  c: Context,
  schema: Schema,
  { allowEmpty = false }: JsonBodyOptions = {},
): Promise<z.output<Schema> | Response> {
  const contentType = c.req.header('content-type');
  const bytes = await readBytes(c);
  if (bytes === null)
    return invalidBody(c, [{ pointer: '', detail: 'is incomplete: the connection closed before its end' }]);
  if (!(allowEmpty && bytes.byteLength === 0)) {
    if (contentType === undefined || !JSON_MEDIA_TYPE.test(contentType)) {
      const given = contentType === undefined ? 'none' : JSON.stringify(contentType.slice(0, 100));
      const detail = `The body must be JSON. Set Content-Type to application/json, not ${given}.`;
      return problem(c, 415, 'Unsupported media type', detail);
    }
  }
  const text = bytes.byteLength === 0 && allowEmpty ? '{}' : decode(bytes);
  if (text === null) return invalidBody(c, [{ pointer: '', detail: 'is not valid UTF-8' }]);
  const json = readJson(text);
  if (!json.ok) return invalidBody(c, [json.issue]);
  const parsed = schema.safeParse(json.value);
  return parsed.success ? parsed.data : invalidBody(c, issuesOf(parsed.error));
}

const invalidBody = (c: Context, issues: readonly JsonIssue[]) =>
  invalidRequest(c, 400, 'Invalid request body', issues);

/** A problem that lists the issues of a request. Its detail spells out the first three. */
export function invalidRequest(
  c: Context,
  status: 400 | 422,
  title: string,
  issues: readonly JsonIssue[],
): Response {
  const sentences = issues.slice(0, 3).map(({ pointer, detail }) => `${pointer || 'The body'}: ${detail}.`);
  const more = issues.length > 3 ? ` ${issues.length} issues in all.` : '';
  return problem(c, status, title, `${sentences.join(' ')}${more}`, issues.slice(0, MAX_ISSUES));
}

/** Issues that a schema found, one entry per field. */
export function issuesOf({ issues }: z.ZodError): readonly JsonIssue[] {
  return issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({
          pointer: pointerTo([...issue.path, key]),
          detail: 'is not a known field',
        }))
      : [{ pointer: pointerTo(issue.path), detail: issue.message }],
  );
}

/** @returns `null` when the client disconnected or sent less than it announced */
export async function readBytes(c: Context): Promise<ArrayBuffer | null> {
  try {
    return await c.req.arrayBuffer();
  } catch {
    return null; // the caller answers 400, which the client may no longer read
  }
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

function decode(bytes: ArrayBuffer): string | null {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return null; // the only possible error: invalid UTF-8
  }
}
