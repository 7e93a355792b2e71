import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Secret } from '@booner/service';
import { sealingKeyOf } from './seal.ts';

/** The key that seals secrets of channels and hooks, or why this hub has none, as a sentence. */
export type SealingKey =
  | { readonly ok: true; readonly key: Uint8Array }
  | { readonly ok: false; readonly reason: string };

export type SealingKeySource = {
  /** As configured; `null`: `file` holds it. */
  readonly secret: Secret | null;
  /** Created with a new secret if it does not exist. */
  readonly file: string;
};

const SECRET_BYTES = 32;

/** Reads the secret that the key is derived from. Creates one at the first start. */
export async function readSealingKey({ secret, file }: SealingKeySource): Promise<SealingKey> {
  if (secret !== null) return { ok: true, key: sealingKeyOf(secret.reveal()) };
  try {
    const text = (await readOrCreate(file)).trim();
    if (text !== '') return { ok: true, key: sealingKeyOf(text) };
    return { ok: false, reason: `${file} is empty: write a secret into it, or delete it` };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const remedy = 'make its folder writable, or set BOONER_ALERT_SECRET_FILE';
    return { ok: false, reason: `${file} can neither be read nor created (${code ?? message}): ${remedy}` };
  }
}

async function readOrCreate(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  await createOnce(file, `${randomBytes(SECRET_BYTES).toString('base64url')}\n`);
  return await readFile(file, 'utf8');
}

/** Creates a file that only its owner can read, in one step. Keeps one that exists. */
async function createOnce(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    {
      await using created = await open(draft, 'wx', 0o600);
      await created.writeFile(text);
      await created.sync();
    }
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // another hub was first
  } finally {
    await rm(draft, { force: true });
  }
}
