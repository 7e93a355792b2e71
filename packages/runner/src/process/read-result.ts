import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { type JsonObject, jsonObjectSchema, RESULT_BOUNDS } from '@booner/protocol';
import { readAtMost } from '../catalogue/read-safe-file.ts';
import type { Redactor } from '../log/redactor.ts';

/** Limit of the text. Blanks between values do not count towards the limit of a result. */
const MAX_TEXT_BYTES = 4 * RESULT_BOUNDS.maxBytes;
const schema = jsonObjectSchema(RESULT_BOUNDS);

export type ReadResult =
  | { readonly ok: true; readonly result: JsonObject | null }
  | { readonly ok: false; readonly reason: string };

/**
 * Reads the result file of a process; `null` if there is none or it is blank. The process controls
 * the path, so only a regular file of its own user is read: a link could lead to a file that only
 * the runner may read.
 * @param uid of the process
 */
export async function readResult(path: string, uid: number, redactor: Redactor): Promise<ReadResult> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    return await readObject(file, uid, redactor);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { ok: true, result: null };
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

async function readObject(file: FileHandle, uid: number, redactor: Redactor): Promise<ReadResult> {
  const stats = await file.stat();
  if (!stats.isFile()) return { ok: false, reason: 'it is not a regular file' };
  if (stats.uid !== uid || stats.nlink !== 1)
    return { ok: false, reason: "it is not the process's own file" };
  const bytes = await readAtMost(file, MAX_TEXT_BYTES + 1);
  if (bytes.length > MAX_TEXT_BYTES)
    return { ok: false, reason: `it is larger than ${MAX_TEXT_BYTES} bytes` };
  if (bytes.toString('latin1').trim() === '') return { ok: true, result: null };
  const json = parseJson(bytes);
  if (!json) return { ok: false, reason: 'it is not valid JSON in UTF-8' };
  const parsed = schema.safeParse(json.value);
  // Checked before and after redaction: `[redacted]` may be longer than the secret.
  const redacted = parsed.success ? schema.safeParse(redactor.redactObject(parsed.data)) : parsed;
  if (redacted.success) return { ok: true, result: redacted.data };
  return { ok: false, reason: `it ${redacted.error.issues[0]?.message}` };
}

/**
 * @returns `null` for invalid JSON; the library's message is dropped, as it may quote half a secret
 */
function parseJson(bytes: Uint8Array): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return null;
    throw error;
  }
}
