import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AccessBus } from '@booner/bus';
import { newSecret } from '@booner/bus/secrets';
import { ALL_SCOPES, CREDENTIAL_PREFIX, newCredential } from '@booner/protocol';
import type { Logger } from '@booner/service';

const FILE = 'admin-token';

export type FirstTokenDeps = {
  readonly bus: Pick<AccessBus, 'putFirstCredential'>;
  readonly stateDirectory: string;
  /**
   * Shows a text on the terminal that the hub was started from; `null` if there is none: the token
   * goes into a file.
   */
  readonly show: ((text: string) => void) | null;
  readonly log: Logger;
};

/**
 * Creates the first admin token. It is shown once on a terminal, or written to a file that only
 * this process's user can read. It never appears in a log. It is created only if it can be handed
 * over, and by only one of several hubs.
 * @param inPlaceOf ids of credentials to remove in the same step, if there are no others
 * @returns true if this call created it
 * @throws Error of the system if the file cannot be written; BusError
 */
export async function handOverFirstToken(
  { bus, stateDirectory, show, log }: FirstTokenDeps,
  inPlaceOf: readonly string[],
): Promise<boolean> {
  const { text, hash } = newSecret(CREDENTIAL_PREFIX);
  const token = newCredential({
    kind: 'token',
    name: 'first admin',
    role: 'admin',
    scopes: ALL_SCOPES,
    expiresAtMs: null,
    createdBy: 'the hub',
    madeWithoutSignIn: false,
  });
  if (show !== null) {
    const isMade = await bus.putFirstCredential(hash, token, inPlaceOf);
    if (isMade) {
      show(
        `\nThe admin token of this hub, shown this once. Keep it, and sign in with it:\n\n    ${text}\n\n`,
      );
    }
    return isMade;
  }
  return withDraft(stateDirectory, `${text}\n`, async (draft) => {
    if (!(await bus.putFirstCredential(hash, token, inPlaceOf))) return false;
    const path = join(stateDirectory, FILE);
    await rename(draft, path);
    log.warn({ path }, 'the first admin token is in this file: take it from there, and delete the file');
    return true;
  });
}

/**
 * Returns the code of the system's error that prevents handing over a first token; `null` if it is
 * possible.
 */
export async function findHandOverFault({
  stateDirectory,
  show,
}: Pick<FirstTokenDeps, 'stateDirectory' | 'show'>): Promise<string | null> {
  if (show !== null) return null;
  try {
    await withDraft(stateDirectory, '', async () => {});
    return null;
  } catch (error) {
    return codeOf(error);
  }
}

export const codeOf = (error: unknown): string =>
  (error as NodeJS.ErrnoException).code ?? (error instanceof Error ? error.message : String(error));

/**
 * Writes to a name of its own first, so that a file or link at the token's path is replaced and
 * never written through.
 */
async function withDraft<T>(
  stateDirectory: string,
  text: string,
  use: (draft: string) => Promise<T>,
): Promise<T> {
  await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
  const draft = join(stateDirectory, `${FILE}.${randomBytes(6).toString('hex')}`);
  try {
    await using file = await open(draft, 'wx', 0o600);
    await file.writeFile(text);
    await file.sync();
    return await use(draft);
  } finally {
    await rm(draft, { force: true });
  }
}
