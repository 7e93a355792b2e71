import type { HostId, TaskOffer } from '@booner/protocol';
import { findSecretIssue } from '@booner/protocol/secret-value';
import type { OpenSealed } from './open-sealed.ts';

type Unsealed =
  | { readonly ok: true; readonly secrets: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly reason: string };

/** @param names secrets that the action receives */
export type UnsealSecrets = (
  offer: Pick<TaskOffer, 'sealedSecrets'>,
  names: readonly string[],
) => Promise<Unsealed>;

/**
 * Creates a function that opens the secrets of an action. Each says in its header which secret of
 * which host it is, so that nobody can pass one off as another.
 */
export const createUnsealSecrets =
  (host: HostId, open: OpenSealed): UnsealSecrets =>
  async ({ sealedSecrets = {} }, names) => {
    const secrets: Record<string, string> = {};
    for (const name of names) {
      const sealed = Object.hasOwn(sealedSecrets, name) ? sealedSecrets[name] : undefined;
      if (sealed === undefined) return refused(`the secret ${name} is not set for ${host}`);
      const opened = await open(sealed);
      if (opened === null) {
        const reason = `the secret ${name} cannot be opened: it was sealed for another runner. Set it again`;
        return refused(reason);
      }
      if (opened.header.secret !== name || opened.header.host !== host)
        return refused(`what should be the secret ${name} was sealed as another secret, or for another host`);
      const issue = findSecretIssue(opened.text);
      if (issue !== null) return refused(`the secret ${name} ${issue}`);
      secrets[name] = opened.text;
    }
    return { ok: true, secrets };
  };

const refused = (reason: string) => ({ ok: false, reason }) as const;
