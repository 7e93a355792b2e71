import type { SecretHosts, SecretKeys, SecretList, SecretPut } from '@booner/protocol';
import { MAX_SECRET_TARGETS_OF_REQUEST } from '@booner/protocol/limits';
import { findSecretIssue } from '@booner/protocol/secret-value';
import { canSeal, type SealFor, sealSecret } from '../secrets/seal-secret.ts';
import { BoonerError } from './booner-error.ts';
import type { Rest } from './rest.ts';
import { badAnswer, type RequestOptions } from './task-requests.ts';

/** Targets of a secret. */
export type SecretTargets = {
  /** Selector of targets, by host and labels of operators, such as `role=db` or `host=10.0.0.2`. */
  readonly selector: string;
};

/** Outcome of setting a secret. */
export type SecretOutcome = {
  readonly name: string;
  /** Targets that it is set for, each with the key that it was sealed for. */
  readonly targets: readonly { readonly host: string; readonly runnerKey: string }[];
  /** Targets that it was not set for, because no runner serves them now. */
  readonly withoutRunner: readonly string[];
};

/** Each rejects with `BoonerError`, or with the signal's reason. */
export type SecretRequests = {
  /** Lists secrets by name, and where they are set. No hub knows the values. */
  listSecrets(options?: RequestOptions): Promise<SecretList>;
  /**
   * Sets a secret of all targets of a selector that have a runner. Seals the value here, for each
   * runner, so that no hub sees it. Many targets take several requests; if one fails, the targets
   * of those before it have the new value. Operators only.
   */
  setSecret(
    name: string,
    value: string,
    targets: SecretTargets,
    options?: RequestOptions,
  ): Promise<SecretOutcome>;
  /** Removes a secret from the targets of a selector; without one, from all. Operators only. */
  removeSecret(
    name: string,
    targets?: Partial<SecretTargets>,
    options?: RequestOptions,
  ): Promise<SecretHosts>;
};

/** The hub looks at the runner of each host, of which there may be thousands. */
const TIMEOUT_MS = 30_000;
/** Sealed characters of one request, within what a hub accepts as a body. */
const MAX_SEALED_CHARACTERS = 128 * 1024;

export function createSecretRequests(rest: Rest): SecretRequests {
  const put = async (name: string, targets: SecretPut['targets'], signal: AbortSignal | undefined) =>
    parseHosts(
      await rest({ method: 'PUT', path: pathOf(name), body: { targets }, timeoutMs: TIMEOUT_MS, signal }),
    );
  return {
    async listSecrets({ signal } = {}) {
      const list = (await rest({ path: 'secrets', timeoutMs: TIMEOUT_MS, signal })) as SecretList | null;
      if (!Array.isArray(list?.secrets)) throw badAnswer();
      return list;
    },
    async setSecret(name, value, { selector }, { signal } = {}) {
      const issue = findSecretIssue(value);
      if (issue !== null) throw new BoonerError('invalid', `the value ${issue}`);
      if (!canSeal()) throw new BoonerError('cannot_seal', NOT_SECURE);
      const query = { selector };
      const request = { path: 'secret-keys', query, timeoutMs: TIMEOUT_MS, signal };
      const keys = (await rest(request)) as SecretKeys | null;
      if (!Array.isArray(keys?.targets)) throw badAnswer();
      const sealed: SecretPut['targets'] = [];
      const set: { host: string; runnerKey: string }[] = [];
      const send = async () => {
        const targets = sealed.splice(0);
        if (targets.length === 0) return;
        await put(name, targets, signal);
        set.push(...targets.map(({ host, runnerKey }) => ({ host, runnerKey })));
      };
      let characters = 0;
      for (const { host, runnerKey } of keys.targets) {
        if (runnerKey === null) continue;
        const text = await seal(value, { name, host, runnerKey });
        if (
          characters + text.length > MAX_SEALED_CHARACTERS ||
          sealed.length === MAX_SECRET_TARGETS_OF_REQUEST
        ) {
          await send();
          characters = 0;
        }
        sealed.push({ host, runnerKey, sealed: text });
        characters += text.length;
      }
      await send();
      const withoutRunner = keys.targets.flatMap(({ host, runnerKey }) => (runnerKey === null ? [host] : []));
      return { name, targets: set, withoutRunner };
    },
    async removeSecret(name, { selector } = {}, { signal } = {}) {
      const request = { method: 'DELETE', path: pathOf(name), timeoutMs: TIMEOUT_MS } as const;
      return parseHosts(await rest({ ...request, query: { selector }, signal }));
    },
  };
}

const NOT_SECURE = 'browsers encrypt only in pages that were opened over HTTPS or as localhost';

async function seal(value: string, sealFor: SealFor): Promise<string> {
  try {
    return await sealSecret(value, sealFor);
  } catch (cause) {
    const detail = `cannot encrypt for the runner of ${sealFor.host}: X25519 needs a recent browser`;
    throw new BoonerError('cannot_seal', detail, { cause });
  }
}

const pathOf = (name: string): string => `secrets/${encodeURIComponent(name)}`;

function parseHosts(answer: unknown): SecretHosts {
  const changed = answer as SecretHosts | null;
  if (!Array.isArray(changed?.hosts)) throw badAnswer();
  return changed;
}
