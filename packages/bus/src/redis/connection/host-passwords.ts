import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PasswordOffer, Sha256 } from '@booner/protocol';
import type { Logger } from '@booner/service/logger';
import { replaceFile } from '@booner/service/replace-file';
import { Secret } from '@booner/service/secret';
import { hashSecret } from '../../secrets.ts';
import type { RedisConfig } from './config.ts';

const FILE = 'redis-password.json';
/** As hubs make them: 256 random bits. One that a person chose could be guessed from its hash. */
const MADE_BY_HUB = /^[\w-]{43}$/;
const PASSWORD_BYTES = 32;

/**
 * The passwords of a host's user of Redis. The host makes its own next password and offers its hash
 * on the bus; a hub rotates by giving the user that hash. So no password of a host is ever sent.
 */
export type HostPasswords = {
  /** Passwords that Redis may accept, the most likely first. */
  candidates(): readonly string[];
  /** Takes note of the password that Redis accepted. */
  accepted(password: string): Promise<void>;
  /** Returns the offer; `null` while the next password is not stored. */
  offer(): PasswordOffer | null;
};

type Stored = {
  /** SHA-256 of the installed password. The file is of an earlier enrolment if it differs. */
  readonly installed: Sha256;
  readonly current: string;
  readonly next: string;
  /** The last one before `current`, which is valid again if a rotation was undone. */
  readonly previous: string | null;
};

export type HostPasswordsOptions = {
  /** With the password that the installer stored: the first, and again after another enrolment. */
  readonly redis: Pick<RedisConfig, 'password'>;
  /** Folder that outlives this process, for this program alone. */
  readonly directory: string | null;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
};

/**
 * Opens the passwords in a state directory. Those of a folder that cannot be written are not
 * rotated.
 * @returns `undefined` if there is no password that a hub made, or no folder
 */
export async function openHostPasswords({
  redis,
  directory,
  logger,
}: HostPasswordsOptions): Promise<HostPasswords | undefined> {
  const installed = redis.password?.reveal();
  if (installed === undefined || !MADE_BY_HUB.test(installed) || directory === null) return undefined;
  const path = join(directory, FILE);
  let stored = readStored(path, hashSecret(installed)) ?? firstOf(installed);
  let offer: PasswordOffer | null = null;

  const store = async () => {
    offer = null;
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await replaceFile(path, `${JSON.stringify(stored, null, 2)}\n`);
      offer = { current: hashSecret(stored.current), next: hashSecret(stored.next) };
    } catch (error) {
      logger.warn({ err: error, path }, 'the next password cannot be stored, so it is not rotated');
    }
  };
  await store();

  return {
    candidates: () => [stored.current, stored.next, ...(stored.previous === null ? [] : [stored.previous])],
    accepted: async (password) => {
      if (password === stored.current) return;
      stored = { ...stored, current: password, next: newPassword(), previous: stored.current };
      await store();
      logger.info('logged in to Redis with another password, which is the current one now');
    },
    offer: () => offer,
  };
}

/**
 * Returns the password that a host's program logs in with: the installed one, or the one after the
 * last rotation.
 * @param directory its state directory
 */
export function currentPassword(installed: Secret, directory: string): Secret {
  const stored = readStored(join(directory, FILE), hashSecret(installed.reveal()));
  return stored === null ? installed : new Secret(stored.current);
}

const newPassword = (): string => randomBytes(PASSWORD_BYTES).toString('base64url');

const firstOf = (installed: string): Stored => ({
  installed: hashSecret(installed),
  current: installed,
  next: newPassword(),
  previous: null,
});

/** @returns `null` if there is no readable file, or it is of an earlier enrolment */
function readStored(path: string, installed: Sha256): Stored | null {
  let found: Partial<Stored> | null;
  try {
    found = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
  const { current, next, previous = null } = found ?? {};
  if (found?.installed !== installed || !isPassword(current) || !isPassword(next)) return null;
  return { installed, current, next, previous: isPassword(previous) ? previous : null };
}

const isPassword = (value: unknown): value is string => typeof value === 'string' && value !== '';
