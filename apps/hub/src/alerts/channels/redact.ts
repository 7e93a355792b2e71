/** Shorter parts of a secret are words such as `Bearer` and `hooks`, which are none. */
const MIN_PART_CHARACTERS = 8;

export type Redact = (text: string) => string;

/**
 * Returns a function that replaces secrets in a text by `[redacted]`. Long parts of a secret are
 * secrets too: words, and of a URL the segments of the path and the values of the query. Servers
 * like to repeat the path in an error.
 */
export function createRedact(secrets: readonly string[]): Redact {
  const texts = new Set(secrets.flatMap((secret) => [secret, ...partsOf(secret)]).flatMap(spellings));
  // Longest first: a part must not break up the whole.
  const sorted = [...texts].filter((text) => text !== '').sort((a, b) => b.length - a.length);
  return (text) => sorted.reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text);
}

function partsOf(text: string): readonly string[] {
  const url = URL.parse(text);
  const isUrl = url !== null && /^https?:$/.test(url.protocol);
  const parts = isUrl ? [...url.pathname.split('/'), ...url.searchParams.values()] : text.split(' ');
  return parts.filter((part) => part.length >= MIN_PART_CHARACTERS);
}

/** A text as it is, in a URL, and in JSON. */
const spellings = (text: string): readonly string[] => [
  text,
  encodeURIComponent(text),
  JSON.stringify(text).slice(1, -1),
];
