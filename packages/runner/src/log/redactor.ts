import type { JsonObject } from '@booner/protocol';
import { cleanText } from './clean-text.ts';

const REDACTED = '[redacted]';

export type Redactor = {
  redact(text: string): string;
  /** Redacts a text whose end was cut off, including the first part of a secret at its end. */
  redactCut(text: string): string;
  /** Redacts keys and values, including numbers. */
  redactObject(object: JsonObject): JsonObject;
};

/** Shorter lines of a secret occur by chance, such as the closing brace of a JSON file. */
const MIN_LINE_CHARACTERS = 8;

/**
 * Replaces secrets in texts, also in the forms that programs print: trimmed, line by line, as JSON,
 * or in a URL.
 */
export function createRedactor(secrets: readonly string[]): Redactor {
  const forms = new Set(secrets.flatMap(formsOf));
  forms.delete('');
  if (forms.size === 0) {
    return { redact: (text) => text, redactCut: (text) => text, redactObject: (object) => object };
  }
  // The longest first, so that a secret inside another one leaves no rest.
  const sorted = [...forms].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(sorted.map(escapeRegExp).join('|'), 'g');
  const redact = (text: string) => text.replaceAll(pattern, REDACTED);

  const redactValue = (value: unknown): unknown => {
    if (typeof value === 'string') return redact(value);
    if (typeof value === 'number') return redact(String(value)) === String(value) ? value : REDACTED;
    if (Array.isArray(value)) return value.map(redactValue);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [redact(key), redactValue(each)]));
  };
  return {
    redact,
    redactCut: (text) => {
      const redacted = redact(text);
      const rest = Math.max(...sorted.map((form) => lengthOfStartAtEnd(redacted, form)));
      return rest === 0 ? redacted : `${redacted.slice(0, -rest)}${REDACTED}`;
    },
    redactObject: (object) => redactValue(object) as JsonObject,
  };
}

const formsOf = (secret: string): string[] =>
  [secret, secret.trim(), cleanText(secret), ...linesOf(secret)].flatMap((text) => [
    text,
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(text),
  ]);

const linesOf = (secret: string): string[] =>
  secret
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line.length >= MIN_LINE_CHARACTERS);

const escapeRegExp = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** Returns the length of the longest beginning of a secret that a text ends with. */
function lengthOfStartAtEnd(text: string, secret: string): number {
  for (let length = Math.min(secret.length - 1, text.length); length > 0; length -= 1) {
    if (text.endsWith(secret.slice(0, length))) return length;
  }
  return 0;
}
