import type { JsonObject } from '@booner/protocol';
import { cleanText } from './clean-text.ts';

const REDACTED = '[redacted]';

export type Redactor = {
  redact(text: string): string;
  /** For a text whose end was cut off: the first part of a secret at its end goes as well. */
  redactCut(text: string): string;
  /** Keys and values, numbers too. */
  redactObject(object: JsonObject): JsonObject;
};

/** Takes secrets out of what is shown, also in the forms in which programs print them: trimmed, as JSON, as a part of a URL. */
export function createRedactor(secrets: readonly string[]): Redactor {
  const forms = new Set(secrets.flatMap(formsOf));
  forms.delete('');
  if (forms.size === 0) {
    return { redact: (text) => text, redactCut: (text) => text, redactObject: (object) => object };
  }
  // The longest first, so that a secret within another leaves no rest of it.
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
  [secret, secret.trim(), cleanText(secret)].flatMap((text) => [
    text,
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(text),
  ]);

const escapeRegExp = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** How much of the beginning of a secret a text ends with. */
function lengthOfStartAtEnd(text: string, secret: string): number {
  for (let length = Math.min(secret.length - 1, text.length); length > 0; length -= 1) {
    if (text.endsWith(secret.slice(0, length))) return length;
  }
  return 0;
}
