import { type AccessBus, BusError } from '@booner/bus';
import type { Credential } from '@booner/protocol';
import { createFailureLog, failureKindOf, type Logger, runLoop, StartError } from '@booner/service';
import type { AuditLog } from './audit-log.ts';
import type { CredentialRegistry } from './credential-registry.ts';
import { codeOf, deliverFirstToken, findDeliveryIssue } from './first-token.ts';
import { isMadeWithoutSignIn } from './principal.ts';

const CHECK_INTERVAL_MS = 5000;
/** Longest wait of a start that may have to fail for the bus, which knows existing credentials. */
const START_WAIT_MS = 5000;

export type AuthenticationSetupDeps = {
  readonly bus: Pick<
    AccessBus,
    'connection' | 'whenConnected' | 'credentials' | 'putFirstCredential' | 'removeCredentials'
  >;
  /** Credentials that this hub accepts. */
  readonly registry: Pick<CredentialRegistry, 'all'>;
  readonly audit: Pick<AuditLog, 'record'>;
  readonly stateDirectory: string;
  /** Shows a text on the terminal that the hub was started from; `null` if there is none. */
  readonly show: ((text: string) => void) | null;
  /** True if people can sign in without a credential of this hub. */
  readonly hasIdentityProvider: boolean;
  readonly log: Logger;
};

/**
 * Sets up authentication on a hub that requires it: removes credentials that were created under
 * open access, and creates the first admin token if there never was another credential. That is the
 * case at the first start, and after the bus lost its data.
 */
export function createAuthenticationSetup(deps: AuthenticationSetupDeps) {
  const { bus, registry, log } = deps;
  /**
   * Start of the connection on which no first token was needed. A bus that loses its data also
   * loses its connections.
   */
  let settledSinceMs: number | null = null;

  const step = async () => {
    const stored = [...bus.credentials().values()];
    const open = stored.filter(isMadeWithoutSignIn);
    const { sinceMs } = bus.connection();
    const needsFirst = [...registry.all()].length === 0;
    if (open.length === 0 && (stored.length > 0 || settledSinceMs === sinceMs)) return;
    const ids = open.map(({ id }) => id);
    const isCreated = needsFirst && (await deliver(deps, ids));
    settledSinceMs = sinceMs;
    const removed = isCreated || ids.length === 0 ? open : await bus.removeCredentials(ids);
    if (removed.length > 0) reportRemoved(deps, removed);
  };

  return {
    /**
     * Returns when the hub may listen. If a first token could not be delivered, this first waits
     * briefly for the bus, to find out whether one is needed. {@link run} reports other failures.
     * @throws StartError if one is needed
     */
    async prepare({ signal }: { readonly signal: AbortSignal }): Promise<void> {
      if (deps.hasIdentityProvider || (await findDeliveryIssue(deps)) === null) return;
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(START_WAIT_MS)]);
      if (!(await bus.whenConnected(deadline))) return;
      await step().catch((error: unknown) => {
        if (failureKindOf(error) === 'fatal') throw error;
      });
    },

    /**
     * Repeats this until the signal aborts: hubs with open access may share the bus.
     * @throws StartError like `prepare`
     */
    run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
      const failures = createFailureLog(log, {
        failing: 'the first admin token cannot be created',
        recovered: 'the first admin token can be created again',
      });
      return runLoop(
        { run: step, intervalMs: CHECK_INTERVAL_MS, ready: bus.whenConnected, failures },
        { signal },
      );
    },
  };
}

/** @throws StartError if nobody could ever sign in; BusError */
async function deliver(deps: AuthenticationSetupDeps, replacedIds: readonly string[]): Promise<boolean> {
  try {
    return await deliverFirstToken(deps, replacedIds);
  } catch (error) {
    if (error instanceof BusError) throw error;
    if (!deps.hasIdentityProvider) throw nobodyCanSignIn(deps, error);
    throw new Error(cannotWrite(deps, error), { cause: error });
  }
}

function reportRemoved({ audit, log }: AuthenticationSetupDeps, removed: readonly Credential[]): void {
  const credentials = removed.map(({ id, kind, name }) => ({ id, kind, name }));
  log.warn(
    { credentials: credentials.slice(0, 100), count: credentials.length },
    'credentials that were created while sign-in was not required were removed',
  );
  for (const { id, kind, name } of credentials) {
    audit.record({
      principal: null,
      address: '',
      verb: 'token.remove',
      target: id,
      detail: `${kind} ${name}: created while sign-in was not required`,
      verdict: 'allowed',
    });
  }
}

const cannotWrite = ({ stateDirectory }: AuthenticationSetupDeps, cause: unknown): string =>
  `The first admin token cannot be written to BOONER_STATE_DIR, ${stateDirectory} (${codeOf(cause)}). ` +
  'Set BOONER_STATE_DIR (or --state-dir) to a folder that the hub can write to.';

const nobodyCanSignIn = (deps: AuthenticationSetupDeps, cause: unknown): StartError =>
  new StartError(
    `Nobody could sign in to this hub. ${cannotWrite(deps, cause)} ` +
      'Or start the hub in a terminal once: it shows the token there.',
    { cause },
  );
