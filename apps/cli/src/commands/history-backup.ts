import { open, rename, rm, stat } from 'node:fs/promises';
import type { BoonerClient } from '@booner/client';
import { usageError } from '../errors/cli-error.ts';
import type { Context } from '../runtime/context.ts';
import { cutOff } from '../runtime/cut-off.ts';
import { withHub } from '../runtime/with-hub.ts';
import { bytesText } from '../terminal/figures.ts';
import { interruption } from '../terminal/interrupted.ts';
import { safeText } from '../terminal/safe-text.ts';

/** Runs `booner history backup`. JSON: `{file, bytes}`. */
export async function backUpHistory(context: Context, file: string): Promise<undefined> {
  await refuseExisting(file);
  return withHub(context, async (client) => {
    const bytes = await download(client, file);
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson({ file, bytes });
    terminal.note(`Wrote ${bytesText(bytes)} to ${safeText(file)}.`);
  });
}

async function refuseExisting(file: string): Promise<void> {
  const found = await stat(file).catch(() => null);
  if (found !== null) throw usageError(`${safeText(file)} exists`, 'choose another name, or delete it first');
}

/**
 * Writes under a temporary name, so that the file is either complete or absent. @returns its size
 */
async function download(client: BoonerClient, file: string): Promise<number> {
  using stop = interruption();
  const temporary = `${file}.part-${process.pid}`;
  const handle = await open(temporary, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    throw usageError(`cannot write ${safeText(file)} (${error.code})`);
  });
  try {
    const backup = await client.backUpHistory({ signal: stop.signal });
    try {
      for await (const chunk of backup) await handle.writeFile(chunk);
    } catch (error) {
      throw stop.signal.aborted ? stop.signal.reason : cutOff(error);
    }
    await handle.sync();
    const { size } = await handle.stat();
    await handle.close();
    await refuseExisting(file);
    await rename(temporary, file);
    return size;
  } finally {
    await handle.close();
    await rm(temporary, { force: true });
  }
}
