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
 * this process's user can read. It never appears in a log. It is created only if it can be
 * delivered, and by only one of several hubs.
 * @param replacedIds ids of credentials to remove in the same step, if there are no others
 * @returns true if this call created it
 * @throws system error if the file cannot be written; BusError
 */
export async function deliverFirstToken(
  { bus, stateDirectory, show, log }: FirstTokenDeps,
  replacedIds: readonly string[],
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
    const isCreated = await bus.putFirstCredential(hash, token, replacedIds);
    if (isCreated) {
      show(
        `\nAdmin token of this hub. It is shown only once: store it safely, and sign in with it.\n\n    ${text}\n\n`,
      );
    }
    return isCreated;
  }
  return withDraft(stateDirectory, `${text}\n`, async (draft) => {
    if (!(await bus.putFirstCredential(hash, token, replacedIds))) return false;
    const path = join(stateDirectory, FILE);
    await rename(draft, path);
    log.warn({ path }, 'the first admin token was written to this file: copy it, then delete the file');
    return true;
  });
}

/** Returns the system's error code if a first token could not be delivered; `null` if it could. */
export async function findDeliveryIssue({
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
