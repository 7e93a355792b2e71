import { type Fault, pointerTo, readJson } from '@booner/protocol/json-text';
import type { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { problem } from './problem.ts';

/** More faults than these are counted, not listed. */
const MAX_FAULTS = 50;
const JSON_MEDIA_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

export type JsonBodyOptions = {
  /** Whether a request without a body means `{}`. */
  readonly allowEmpty?: boolean;
};

/**
 * Reads and judges the body of a request.
 * @returns the value, or the answer that says what is wrong: 415, or 400 with a pointer to each fault
 */
export async function readJsonBody<Schema extends z.ZodType>(
  c: Context,
  schema: Schema,
  { allowEmpty = false }: JsonBodyOptions = {},
): Promise<z.output<Schema> | Response> {
  const contentType = c.req.header('content-type');
  const bytes = await readBytes(c);
  if (bytes === null) return badBody(c, [{ pointer: '', detail: 'ended before its end' }]);
  if (!(allowEmpty && bytes.byteLength === 0)) {
    if (contentType === undefined || !JSON_MEDIA_TYPE.test(contentType)) {
      const given = contentType === undefined ? 'none' : JSON.stringify(contentType.slice(0, 100));
      const detail = `The body has to be JSON: set Content-Type to application/json. It is ${given}.`;
      return problem(c, 415, 'Unsupported media type', detail);
    }
  }
  const text = bytes.byteLength === 0 && allowEmpty ? '{}' : decode(bytes);
  if (text === null) return badBody(c, [{ pointer: '', detail: 'is not valid UTF-8' }]);
  const json = readJson(text);
  if (!json.ok) return badBody(c, [json.fault]);
  const parsed = schema.safeParse(json.value);
  return parsed.success ? parsed.data : badBody(c, faultsOf(parsed.error));
}

const badBody = (c: Context, faults: readonly Fault[]) => faultyRequest(c, 400, 'Bad request body', faults);

/** An answer that lists faults, or as many of them as anybody reads. */
export function faultyRequest(
  c: Context,
  status: 400 | 422,
  title: string,
  faults: readonly Fault[],
): Response {
  const sentences = faults.slice(0, 3).map(({ pointer, detail }) => `${pointer || 'The body'}: ${detail}.`);
  const more = faults.length > 3 ? ` ${faults.length} faults in all.` : '';
  return problem(c, status, title, `${sentences.join(' ')}${more}`, faults.slice(0, MAX_FAULTS));
}

/** What a schema finds wrong, one entry a field. */
export function faultsOf({ issues }: z.ZodError): readonly Fault[] {
  return issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ pointer: pointerTo([...issue.path, key]), detail: 'is not known here' }))
      : [{ pointer: pointerTo(issue.path), detail: issue.message }],
  );
}

/** `null`: the client went away, or sent less than it announced. */
async function readBytes(c: Context): Promise<ArrayBuffer | null> {
  try {
    return await c.req.arrayBuffer();
  } catch {
    return null; // the caller answers 400, which nobody may be there to read
  }
}

function decode(bytes: ArrayBuffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null; // the one error that there is: not UTF-8
  }
}
