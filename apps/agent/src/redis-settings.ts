import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseRedisUrl } from '@booner/bus/redis/url';
import { Secret } from '@booner/service';
import { makeExactValidator } from 'envalid';

/** Validator of a Redis URL. What it says of a bad one leaves the URL out, since that may hold a password. */
export const redisUrl = makeExactValidator<Secret>((text) => {
  parseRedisUrl(text);
  return new Secret(text);
});

/** Validator of the path of a file that holds a secret: its text without the newline at the end. */
export const secretFile = makeExactValidator<Secret>((path) => {
  const text = readSettingFile(path).replace(/\r?\n$/, '');
  if (text === '') throw new TypeError(`${path} is empty`);
  return new Secret(text);
});

/** Validator of the path of a PEM file with certificates; gives their text. */
export const certificateFile = makeExactValidator<string>((path) => {
  const text = readSettingFile(path);
  try {
    new X509Certificate(text);
  } catch (cause) {
    throw new TypeError(`${path} holds no certificate in PEM`, { cause });
  }
  return text;
});

function readSettingFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new TypeError(`${path} cannot be read (${code})`, { cause });
  }
}
