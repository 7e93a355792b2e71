import Anser from 'anser';
import clsx from 'clsx';
import { colourOf } from './colour-of.ts';
import { hasColours, plainText } from './plain-text.ts';

export type LineSpan = {
  readonly text: string;
  /** Style that the line itself requests. */
  readonly className: string | null;
  readonly isMatch: boolean;
};

/** Splits a line into parts of one style: its own colours, and the matches of the search. */
export function lineSpans(text: string, pattern: RegExp | null): readonly LineSpan[] {
  const parts = hasColours(text) ? colouredParts(text) : [{ text, className: null }];
  if (pattern === null) return parts.map((part) => ({ ...part, isMatch: false }));
  const edges: number[] = [];
  for (const match of plainText(text).matchAll(pattern)) {
    edges.push(match.index, match.index + match[0].length);
  }
  return cutAt(parts, edges);
}

type Part = Omit<LineSpan, 'isMatch'>;

/**
 * Renditions with colons (ISO 8613-6: `4:3`, `38:2::255:0:0`), which the library would show as
 * text. They are removed.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it matches control sequences
const COLON_RENDITION = /\x1b\[[\d;]*:[\d;:]*m/g;

function colouredParts(text: string): readonly Part[] {
  const known = text.replaceAll(COLON_RENDITION, '');
  return Anser.ansiToJson(known, { json: true, remove_empty: true }).map(
    ({ content, fg, bg, decorations }) => ({
      text: content,
      className:
        clsx(
          // Background colours are not used, since text could become unreadable. The part gets a
          // frame instead.
          bg !== null && 'outline outline-line-strong',
          colourOf(bg !== null && (fg === null || colourOf(fg) === null) ? bg : (fg ?? '')),
          decorations.includes('bold') && 'font-bold',
          decorations.includes('dim') && 'text-muted',
          decorations.includes('italic') && 'italic',
          decorations.includes('underline') && 'underline',
          decorations.includes('strikethrough') && 'line-through',
        ) || null,
    }),
  );
}

/** @param edges alternating starts and ends of matches */
function cutAt(parts: readonly Part[], edges: readonly number[]): readonly LineSpan[] {
  const spans: LineSpan[] = [];
  let position = 0;
  let edge = 0;
  for (const { text, className } of parts) {
    const end = position + text.length;
    let from = position;
    while (from < end) {
      while (edges[edge] !== undefined && edges[edge]! <= from) edge++;
      const to = Math.min(end, edges[edge] ?? end);
      spans.push({
        text: text.slice(from - position, to - position),
        className,
        isMatch: edge % 2 === 1,
      });
      from = to;
    }
    position = end;
  }
  return spans;
}
