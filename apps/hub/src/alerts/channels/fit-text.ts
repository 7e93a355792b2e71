const ELLIPSIS = '…';

export type FitOptions = {
  /** Makes a character inert in the format of the message. Applied to each character. */
  readonly escapeWith?: (character: string) => string;
  /** Measures a text in the unit of `max`. Default: UTF-16 code units. */
  readonly size?: (text: string) => number;
};

/** Measures a text in bytes of UTF-8. */
export const utf8Bytes = (text: string): number => Buffer.byteLength(text, 'utf8');

/**
 * Returns a text escaped and, if it is longer than `max` afterwards, cut with an ellipsis. It never
 * cuts through an escape sequence or a character.
 */
export function fitText(
  text: string,
  max: number,
  { escapeWith = (character) => character, size = ({ length }) => length }: FitOptions = {},
): string {
  const pieces = Array.from(text, escapeWith);
  const whole = pieces.join('');
  if (size(whole) <= max) return whole;
  const room = max - size(ELLIPSIS);
  let used = 0;
  const end = pieces.findIndex((piece) => {
    used += size(piece);
    return used > room;
  });
  return `${pieces.slice(0, end).join('').trimEnd()}${ELLIPSIS}`;
}
