import type { SecretBus } from '@booner/bus';
import type { HostId, OfferedAction, RunnerPresence, TaskOffer } from '@booner/protocol';

export type SecretsOfAction =
  | { readonly ok: true; readonly sealed: TaskOffer['sealedSecrets'] }
  /** One is not set, or the runner cannot open it. */
  | { readonly ok: false; readonly detail: string };

/**
 * Returns the sealed secrets that an action of a host receives; `undefined`: it receives none.
 * Rejects with `BusError`.
 * @param presence of the runner that has to open them
 */
export async function secretsOfAction(
  bus: Pick<SecretBus, 'read'>,
  host: HostId,
  { secrets: names = [] }: Pick<OfferedAction, 'secrets'>,
  { publicKey }: Pick<RunnerPresence, 'publicKey'>,
): Promise<SecretsOfAction> {
  if (names.length === 0) return { ok: true, sealed: undefined };
  const found = await bus.read(host, names);
  const sealed: Record<string, string> = {};
  for (const name of names) {
    const secret = found.get(name);
    if (secret === undefined) {
      return { ok: false, detail: `the secret ${name} is not set for ${host}: ${remedy(name, host)}` };
    }
    if (secret.runnerKey !== publicKey.x) {
      const reason = `its runner has another key than the one that the secret ${name} was sealed for`;
      return { ok: false, detail: `${reason}: ${remedy(name, host)}` };
    }
    sealed[name] = secret.sealed;
  }
  return { ok: true, sealed };
}

const remedy = (name: string, host: HostId): string => `run booner secret set ${name} ${host}`;
