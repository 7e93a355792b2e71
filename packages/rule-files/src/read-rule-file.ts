import { constants } from 'node:fs';
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseRuleFile } from './parse-rule-file.ts';
import type { RuleFile, RuleFileIssue } from './rule-file.ts';

const MAX_FILE_BYTES = 2 ** 20;
/** More than there may be rules. */
const MAX_FILES = 500;

export type RuleFolder = {
  /** Paths, in the order of their names. */
  readonly files: readonly string[];
  readonly issues: readonly RuleFileIssue[];
};

/**
 * Lists the files `*.yaml` and `*.yml` of a folder, not those of folders in it. Links are followed.
 * Never rejects: a folder that cannot be read is an issue.
 */
export async function listRuleFiles(directory: string): Promise<RuleFolder> {
  try {
    const names = (await readdir(directory)).filter((name) => /^[^.].*\.ya?ml$/.test(name)).sort();
    const files = names.slice(0, MAX_FILES).map((name) => join(directory, name));
    const reason = `has ${names.length} files, of which ${MAX_FILES} are read: put more rules into one file`;
    return { files, issues: names.length > MAX_FILES ? [{ file: directory, place: null, reason }] : [] };
  } catch (error) {
    return { files: [], issues: [{ file: directory, place: null, reason: reasonOf(error) }] };
  }
}

/** Reads a file of rules. Never rejects: a file that cannot be read has an issue. */
export async function readRuleFile(file: string): Promise<RuleFile> {
  const refuse = (reason: string): RuleFile => ({
    file,
    rules: [],
    issues: [{ file, place: null, reason }],
  });
  try {
    // O_NONBLOCK: opening a named pipe would wait for a writer.
    await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!(await handle.stat()).isFile()) return refuse('is not a regular file');
    const bytes = await readAtMost(handle, MAX_FILE_BYTES + 1);
    if (bytes.length > MAX_FILE_BYTES) return refuse('is larger than 1 MiB: split it');
    return parseRuleFile(file, new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    return refuse(reasonOf(error));
  }
}

/** Reads the first bytes of a file. Ignores the reported size: the file may grow meanwhile. */
async function readAtMost(handle: FileHandle, maxBytes: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(maxBytes);
  let length = 0;
  while (length < maxBytes) {
    const { bytesRead } = await handle.read(buffer, length, maxBytes - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return 'does not exist';
    case 'ENOTDIR':
      return 'is not a folder';
    case 'EACCES':
      return 'cannot be read: change its owner or mode';
    case 'ELOOP':
      return 'is a link to itself';
    case 'ERR_ENCODING_INVALID_ENCODED_DATA':
      return 'is not valid UTF-8';
    default:
      return error.message;
  }
}
