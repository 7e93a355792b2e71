import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type AccessBus, BusError } from '@booner/bus';
import { newSecret } from '@booner/bus/secrets';
import { ALL_SCOPES, CREDENTIAL_PREFIX, type Credential, newCredentialId } from '@booner/protocol';
import { type Logger, sleep } from '@booner/service';

const RETRY_MS = 5000;
const LOOK_MS = 100;
const FILE = 'admin-token';

export type FirstTokenDeps = {
  readonly bus: Pick<AccessBus, 'connection' | 'loaded' | 'credentials' | 'putFirstCredential'>;
  readonly stateDirectory: string;
  /** Shows a text to the person who started the hub; `null`: nobody watches, so it goes into a file. */
  readonly show: ((text: string) => void) | null;
  readonly log: Logger;
};

/**
 * Makes the admin token with which everything begins, where there never was a credential: at the first start, and when the bus lost
 * everything. Of several hubs one makes it. It is shown to a person once, or lies in a file that only this process's user can read; no
 * log has it. It is made only when it can be handed over: a file that cannot be written is tried again, and the log says how to mend that.
 */
export async function makeFirstToken(
  deps: FirstTokenDeps,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  const { bus, log } = deps;
  let told: string | null = null;
  let doneSinceMs: number | null = null;
  while (!signal.aborted) {
    const { state, sinceMs } = bus.connection();
    const isReady = state === 'connected' && bus.loaded();
    try {
      if (isReady && doneSinceMs !== sinceMs && bus.credentials().size === 0) await handOver(deps);
      if (isReady) doneSinceMs = sinceMs; // a bus that loses everything loses its connections, too
      told = null;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (message !== told) log.error({ err: error }, faultOf(error));
      told = message;
    }
    await sleep(isReady ? RETRY_MS : LOOK_MS, signal);
  }
}

const faultOf = (error: unknown): string =>
  error instanceof BusError
    ? 'the first admin token waits for the bus'
    : 'the first admin token cannot be handed over: set BOONER_STATE_DIR to a folder that this process may write to';

async function handOver({ bus, stateDirectory, show, log }: FirstTokenDeps): Promise<void> {
  const { text, hash } = newSecret(CREDENTIAL_PREFIX);
  const token: Credential = {
    id: newCredentialId(),
    kind: 'token',
    name: 'first admin',
    role: 'admin',
    scopes: ALL_SCOPES,
    subject: 'first admin',
    createdAtMs: Date.now(),
    expiresAtMs: null,
    createdBy: 'the hub',
    parentId: null,
  };
  if (show !== null) {
    if (await bus.putFirstCredential(hash, token)) {
      show(
        `\nThe admin token of this hub, shown this once. Keep it, and sign in with it:\n\n    ${text}\n\n`,
      );
    }
    return;
  }
  await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
  const path = join(stateDirectory, FILE);
  // Under a name of its own first: what lies at the path, be it a link, is replaced and never written through.
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await using file = await open(draft, 'wx', 0o600);
    await file.writeFile(`${text}\n`);
    await file.sync();
    if (!(await bus.putFirstCredential(hash, token))) return;
    await rename(draft, path);
    log.warn({ path }, 'the first admin token is in this file: take it from there, and delete the file');
  } finally {
    await rm(draft, { force: true });
  }
}
