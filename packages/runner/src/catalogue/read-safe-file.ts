import { constants } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { findFolderIssue, findOwnerIssue } from '../accounts/check-ownership.ts';

/** An action is about a page of text; a larger file was put there by mistake. */
const MAX_FILE_BYTES = 64 * 1024;

export type FileRead =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string };

/**
 * Reads a text that only root and the runner's user can have written. Checks the very file that it
 * reads: the one behind the symbolic links, held open.
 * @param uid of the runner's user; `null`: owners and modes are not checked
 * @throws Error of the system, such as `EACCES`
 */
export async function readSafeFile(path: string, uid: number | null): Promise<FileRead> {
  const real = await realpath(path);
  if (uid !== null) {
    const issue = await findFolderIssue(dirname(real), uid);
    if (issue !== null) return { ok: false, reason: issue };
  }
  // O_NONBLOCK: opening a named pipe would wait for a writer.
  await using file = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const stats = await file.stat();
  if (!stats.isFile()) return { ok: false, reason: 'is not a regular file' };
  const issue = findOwnerIssue(real, stats, uid);
  if (issue !== null) return { ok: false, reason: issue };
  const bytes = await readAtMost(file, MAX_FILE_BYTES + 1);
  if (bytes.length > MAX_FILE_BYTES) {
    return { ok: false, reason: `is larger than ${MAX_FILE_BYTES / 1024} KiB` };
  }
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { ok: false, reason: 'is not valid UTF-8' };
  }
}

/** Reads the first bytes of a file. Ignores the reported size: the file may grow meanwhile. */
export async function readAtMost(file: FileHandle, maxBytes: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(maxBytes);
  let length = 0;
  while (length < maxBytes) {
    const { bytesRead } = await file.read(buffer, length, maxBytes - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}
