import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newInstanceId } from '@booner/protocol/instance-id';
import { replaceFile } from '@booner/service/replace-file';
import { exportJWK, generateKeyPair } from 'jose';
import { z } from 'zod';
import { RunnerError } from '../runner-error.ts';

const privateKeySchema = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('X25519'),
  x: z.string(),
  d: z.string(),
});

const identitySchema = z.object({
  /** First part of the instance of each start of this runner. */
  state: z.string().regex(/^[\w-]{12}$/),
  /** Private JWK (RFC 8037): opens the secret parameters that hubs seal for this runner. */
  privateKey: privateKeySchema,
});
export type Identity = z.infer<typeof identitySchema>;

export async function makeIdentity(): Promise<Identity> {
  const { privateKey } = await generateKeyPair('ECDH-ES+A256KW', { crv: 'X25519', extractable: true });
  return { state: newInstanceId(), privateKey: privateKeySchema.parse(await exportJWK(privateKey)) };
}

/**
 * Returns the identity in a state directory; creates it at the first start.
 * @throws RunnerError `state_unusable` if the file is damaged: a new identity would disown the
 * tasks of the old one, so the operator decides
 */
export async function keepIdentity(directory: string): Promise<Identity> {
  const path = join(directory, 'runner.json');
  try {
    return identitySchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    if (cause instanceof SyntaxError || cause instanceof z.ZodError) {
      throw new RunnerError(
        'state_unusable',
        `${path} is damaged: restore it, or delete it to start as a new runner`,
        {
          cause,
        },
      );
    }
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
  }
  const identity = await makeIdentity();
  await replaceFile(path, `${JSON.stringify(identity, null, 2)}\n`);
  return identity;
}
