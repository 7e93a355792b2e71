import { type AccessBus, BusError, isOutage } from '@booner/bus';
import type { Credential } from '@booner/protocol';
import { type Logger, StartError, sleep } from '@booner/service';
import type { AuditLog } from './audit-log.ts';
import type { CredentialBook } from './credential-book.ts';
import { codeOf, findHandOverFault, handOverFirstToken } from './first-token.ts';
import { isMadeWithoutSignIn } from './principal.ts';

const RETRY_MS = 5000;
const LOOK_MS = 100;
/** A start that may have to be refused waits this long for the bus, which alone knows. */
const START_WAIT_MS = 5000;

export type BeginAuthenticationDeps = {
  readonly bus: Pick<
    AccessBus,
    'connection' | 'loaded' | 'credentials' | 'putFirstCredential' | 'removeCredentials'
  >;
  /** Credentials that this hub accepts. */
  readonly book: Pick<CredentialBook, 'all'>;
  readonly audit: Pick<AuditLog, 'record'>;
  readonly stateDirectory: string;
  /** Shows a text to the person who started the hub; `null`: nobody watches. */
  readonly show: ((text: string) => void) | null;
  /** True if people can sign in without a credential of this hub. */
  readonly hasIdentityProvider: boolean;
  readonly log: Logger;
};

/**
 * Begins authentication on a hub that requires it: removes what was made while nobody had to sign in, and makes the first admin token
 * where there never was another credential. That is at the first start, and when the bus lost everything.
 */
export function createBeginAuthentication(deps: BeginAuthenticationDeps) {
  const { bus, book, log } = deps;
  /** The connection on which no first token was to be made. A bus that loses everything loses its connections, too. */
  let settledSinceMs: number | null = null;
  let told: string | null = null;

  const isReady = () => bus.connection().state === 'connected' && bus.loaded();

  const step = async () => {
    const stored = [...bus.credentials().values()];
    const open = stored.filter(isMadeWithoutSignIn);
    const { sinceMs } = bus.connection();
    const wantsFirst = [...book.all()].length === 0;
    if (open.length === 0 && (stored.length > 0 || settledSinceMs === sinceMs)) return;
    const ids = open.map(({ id }) => id);
    const isMade = wantsFirst && (await handOverFirstToken(deps, ids));
    settledSinceMs = sinceMs;
    const removed = isMade || ids.length === 0 ? open : await bus.removeCredentials(ids);
    if (removed.length > 0) sayRemoved(deps, removed);
  };

  /** @throws StartError when nobody could ever sign in */
  const tryStep = async () => {
    try {
      await step();
      told = null;
    } catch (error) {
      if (!(error instanceof BusError) && !deps.hasIdentityProvider) throw nobodyCanSignIn(deps, error);
      const message = error instanceof Error ? error.message : String(error);
      if (isOutage(error)) log.debug({ err: error }, faultOf(error));
      else if (message !== told) log.error(fieldsOf(error), faultOf(error));
      told = message;
    }
  };

  return {
    /**
     * Returns when the hub may listen. Where a first token could be handed to nobody it waits for the bus first, for a moment: while
     * that is away nobody knows whether one is needed, and {@link run} finds out.
     * @throws StartError when one is needed
     */
    async prepare({ signal }: { readonly signal: AbortSignal }): Promise<void> {
      if (deps.hasIdentityProvider || (await findHandOverFault(deps)) === null) return;
      const untilMs = performance.now() + START_WAIT_MS;
      while (!isReady() && bus.connection().state !== 'disconnected' && performance.now() < untilMs) {
        if (!(await sleep(LOOK_MS, signal))) return;
      }
      if (isReady()) await tryStep();
    },

    /** Goes on until the signal aborts: hubs where nobody has to sign in may share the bus. @throws StartError as `prepare` */
    async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
      while (!signal.aborted) {
        const wasReady = isReady();
        if (wasReady) await tryStep();
        await sleep(wasReady ? RETRY_MS : LOOK_MS, signal);
      }
    },
  };
}

function sayRemoved({ audit, log }: BeginAuthenticationDeps, removed: readonly Credential[]): void {
  const credentials = removed.map(({ id, kind, name }) => ({ id, kind, name }));
  log.warn(
    { credentials: credentials.slice(0, 100), count: credentials.length },
    'credentials that were made while nobody had to sign in were removed',
  );
  for (const { id, kind, name } of credentials) {
    audit.record({
      principal: null,
      address: '',
      verb: 'token.remove',
      target: id,
      detail: `${kind} ${name}: made while nobody had to sign in`,
      verdict: 'allowed',
    });
  }
}

const fieldsOf = (error: unknown): object =>
  error instanceof BusError ? { reason: error.message } : { err: error };

const faultOf = (error: unknown): string =>
  error instanceof BusError
    ? 'the first admin token waits for the bus'
    : 'the first admin token cannot be handed over: set BOONER_STATE_DIR to a folder that this process may write to';

const nobodyCanSignIn = ({ stateDirectory }: BeginAuthenticationDeps, cause: unknown): StartError =>
  new StartError(
    `Nobody could sign in to this hub: its first admin token has to go into BOONER_STATE_DIR, and ${stateDirectory} cannot be written ` +
      `(${codeOf(cause)}). Set BOONER_STATE_DIR (or --state-dir) to a folder that this process may write to, or start the hub in a ` +
      'terminal, which shows the token.',
    { cause },
  );
