/** Room for the note about the dropped bytes. */
const NOTE_BYTES = 64;

/**
 * Cuts a line to a number of UTF-8 bytes, between two characters, and notes how much is missing.
 * @param droppedBytes bytes that were dropped from it before
 */
export function cutLine(text: string, droppedBytes: number, maxBytes: number): string {
  const bytes = Buffer.from(text);
  if (droppedBytes === 0 && bytes.length <= maxBytes) return text;
  let end = Math.min(bytes.length, maxBytes - NOTE_BYTES);
  // 0b10…: the middle of a character.
  while (end < bytes.length && end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return `${bytes.subarray(0, end).toString()} … [${droppedBytes + bytes.length - end} bytes dropped]`;
}

/** Cuts a sentence to a number of UTF-16 units, but not inside a surrogate pair. */
export function cutSentence(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  return `${text.slice(0, maxCharacters - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
