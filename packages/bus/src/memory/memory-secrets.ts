import { MAX_SECRETS } from '@booner/protocol/limits';
import type { SecretBus } from '../secret-ports.ts';
import { readSealedSecret, readStoredSecret, secretField } from '../stored-secrets.ts';
import { accept, type OnRejected } from '../stored-values.ts';
import { startMemoryScope } from './memory-scope.ts';

export type MemorySecretsOptions = { readonly onRejected?: OnRejected };

/** State of secrets that a bus in memory keeps in place of Redis. */
export const createSecretState = () => ({ secrets: new Map<string, { text: string; sealed: string }>() });

type SecretState = ReturnType<typeof createSecretState>;

/** Starts a hub's side of secrets of a bus in memory. */
export function startMemorySecrets(
  { secrets }: SecretState,
  { onRejected = () => {} }: MemorySecretsOptions = {},
): SecretBus {
  const { side, use } = startMemoryScope();
  return {
    ...side,
    list: use(() =>
      [...secrets].flatMap(([field, { text }]) => accept(readStoredSecret(field, text), onRejected) ?? []),
    ),
    read: use(
      (host, names) =>
        new Map(
          names.flatMap((name) => {
            const field = secretField({ name, host });
            const entry = secrets.get(field);
            const stored = entry && accept(readStoredSecret(field, entry.text), onRejected);
            const secret = stored && accept(readSealedSecret(stored, entry.sealed), onRejected);
            return secret ? [[name, secret] as const] : [];
          }),
        ),
    ),
    put: use((name, put, by) => {
      const fields = put.map(({ host }) => secretField({ name, host }));
      const added = fields.filter((field) => !secrets.has(field)).length;
      if (secrets.size + added > MAX_SECRETS) return 'full';
      for (const { host, runnerKey, sealed } of put) {
        const text = JSON.stringify({ name, host, runnerKey, ...by });
        secrets.set(secretField({ name, host }), { text, sealed });
      }
      return 'stored';
    }),
    remove: use((places) => {
      for (const place of places) secrets.delete(secretField(place));
    }),
  };
}
