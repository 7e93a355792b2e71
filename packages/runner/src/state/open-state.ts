import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@booner/service';
import { type Journal, openJournal, openMemoryJournal } from '../journal/journal.ts';
import { RunnerError } from '../runner-error.ts';
import { type Identity, keepIdentity, makeIdentity } from './identity.ts';
import { lockDirectory } from './lock-directory.ts';

/** State that outlives one start of a runner. */
export type RunnerState = AsyncDisposable & { readonly identity: Identity; readonly journal: Journal };

/**
 * Returns the mode of a new state directory, whose files are 0600. Accounts of actions must be able
 * to pass through root's: it contains the run directories by default.
 */
const directoryMode = (): number => (process.geteuid?.() === 0 ? 0o711 : 0o700);

/**
 * Opens a state directory for this process alone, creating it if necessary.
 * @param directory `null`: the state ends with this process
 * @throws RunnerError `state_locked` or `state_unusable`
 */
export async function openState(
  directory: string | null,
  { logger }: { readonly logger: Pick<Logger, 'warn' | 'error'> },
): Promise<RunnerState> {
  await using opening = new AsyncDisposableStack();
  if (directory === null) {
    const journal = opening.use(openMemoryJournal());
    return { identity: await makeIdentity(), journal, [Symbol.asyncDispose]: disposerOf(opening.move()) };
  }
  try {
    await mkdir(directory, { recursive: true, mode: directoryMode() });
    opening.use(await lockDirectory(directory));
    const identity = await keepIdentity(directory);
    const journal = opening.use(
      await openJournal(join(directory, 'journal.jsonl'), {
        onUnreadable: (lines) =>
          logger.warn({ directory, lines }, 'the journal has unreadable lines: they are ignored'),
        onNotCompacted: (error) =>
          logger.error({ directory, err: error }, 'the journal could not be compacted: it keeps growing'),
      }),
    );
    return { identity, journal, [Symbol.asyncDispose]: disposerOf(opening.move()) };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).syscall === undefined) throw cause;
    const { message } = cause as Error;
    throw new RunnerError(
      'state_unusable',
      `the state directory ${directory} cannot be used: ${message}; set BOONER_STATE_DIR to a directory that this account can write`,
      { cause },
    );
  }
}

const disposerOf = (stack: AsyncDisposableStack) => () => stack.disposeAsync();
