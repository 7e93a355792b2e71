import { visibleText } from '@booner/protocol/visible-text';
import type { Redact } from './redact.ts';

const MAX_ANSWER_CHARACTERS = 300;

/** Returns what the other side answered as one line of at most 300 characters, without secrets. */
export function answerText(text: string, redact: Redact): string {
  const line = visibleText(redact(text), { replacement: ' ' }).replaceAll(/\s+/g, ' ').trim();
  return line.length <= MAX_ANSWER_CHARACTERS ? line : `${line.slice(0, MAX_ANSWER_CHARACTERS - 1)}…`;
}
