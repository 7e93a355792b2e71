import { randomBytes } from 'node:crypto';
import { newSecret } from '@booner/bus/secrets';
import { HOOK_PREFIX, SIGNING_PREFIX, type StoredHook } from '@booner/protocol';
import { seal, unseal } from '../sealing/seal.ts';
import type { SealingKey } from '../sealing/sealing-key.ts';

const SECRET_BYTES = 32;
const UNREADABLE =
  'its secret was sealed with another key: give all hubs the same BOONER_ALERT_SECRET_FILE, or rotate the hook';

export type OpenedSecret =
  | { readonly ok: true; readonly secret: string }
  | { readonly ok: false; readonly reason: string };

/** The key and secret of a hook: what is shown once, and what is stored. */
export type NewHookSecret = {
  readonly key: string;
  readonly secret: string;
  readonly stored: Pick<StoredHook, 'keySha256' | 'sealed'>;
};

/** Returns a text of the form that GitLab demands, and that any other sender can use. */
export const newSigningSecret = (): string =>
  `${SIGNING_PREFIX}${randomBytes(SECRET_BYTES).toString('base64')}`;

/** Makes and opens the secrets of hooks. Each record is opened once. */
export function createHookSecrets(sealingKey: SealingKey) {
  const opened = new WeakMap<StoredHook, Promise<OpenedSecret>>();

  const openSealed = async ({ name, sealed }: StoredHook): Promise<OpenedSecret> => {
    if (!sealingKey.ok) return { ok: false, reason: sealingKey.reason };
    const found = await unseal(sealed, { kind: 'hook', name, key: sealingKey.key });
    return typeof found?.value === 'string'
      ? { ok: true, secret: found.value }
      : { ok: false, reason: UNREADABLE };
  };

  return {
    /** Makes a new key and secret; or says why this hub cannot. */
    async make(name: string): Promise<NewHookSecret | { readonly reason: string }> {
      if (!sealingKey.ok) return { reason: sealingKey.reason };
      const { text: key, hash: keySha256 } = newSecret(HOOK_PREFIX);
      const secret = newSigningSecret();
      const sealed = await seal(secret, { kind: 'hook', name, key: sealingKey.key });
      return { key, secret, stored: { keySha256, sealed } };
    },

    open(hook: StoredHook): Promise<OpenedSecret> {
      const opening = opened.get(hook) ?? openSealed(hook);
      opened.set(hook, opening);
      return opening;
    },
  };
}

export type HookSecrets = ReturnType<typeof createHookSecrets>;
