export type Progress = { readonly progressPercent: number | null; readonly message: string | null };

/**
 * Parses `::progress 40 Copying files`; the message is optional.
 * @returns `null` for any other line, or if the number is not a whole one from 0 to 100
 */
export function parseProgressLine(line: string): Progress | null {
  const match = /^::progress[ \t]+(\d{1,3})(?:[ \t]+(.*))?$/.exec(line);
  if (!match) return null;
  const progressPercent = Number(match[1]);
  return progressPercent > 100 ? null : { progressPercent, message: match[2]?.trim() || null };
}
