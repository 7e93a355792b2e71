import { once } from 'node:events';
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { LastValidRules, type ReadFolder, type RuleFiles } from './last-valid-rules.ts';

/** A program of its own: beside this file, or beside the bundle of the hub. */
const WORKER = join(import.meta.dirname, `rule-files-worker${extname(import.meta.filename)}`);
/** A megabyte of the least favourable YAML takes 10 s. */
const DEADLINE_MS = 60_000;
const MAX_HEAP_MIB = 512;

/** Reads the rules of a folder once. Never rejects. */
export const readRuleFiles = async (directory: string): Promise<RuleFiles> =>
  new LastValidRules().take(await readRuleFolder(directory));

/**
 * Reads the files of a folder in a thread of its own, since parsing a large one would block the
 * hub. Never rejects: a failure is an issue.
 */
export async function readRuleFolder(directory: string): Promise<ReadFolder> {
  const thread = new Worker(WORKER, {
    workerData: { directory },
    name: 'rule-files',
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
  });
  thread.unref();
  try {
    const [read] = await once(thread, 'message', { signal: AbortSignal.timeout(DEADLINE_MS) });
    return read as ReadFolder;
  } catch (error) {
    const { name, message } = error as Error;
    const reason =
      name === 'AbortError' ? `took longer than ${DEADLINE_MS / 1000} s to read: split its files` : message;
    return { files: [], issues: [{ file: directory, place: null, reason }] };
  } finally {
    await thread.terminate();
  }
}
