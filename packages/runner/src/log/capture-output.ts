import { type LogLine, MAX_LOG_LINE_BYTES, MAX_MESSAGE_CHARACTERS } from '@booner/protocol';
import { cleanColouredText, cleanText } from './clean-text.ts';
import { cutLine, cutSentence } from './cut-text.ts';
import { createLineSplitter } from './line-splitter.ts';
import { type Progress, parseProgressLine } from './progress-line.ts';
import type { Redactor } from './redactor.ts';

/** Held of a line before it is cleaned: colours and the like may make up most of what a line has at first. */
const MAX_HELD_BYTES = 4 * MAX_LOG_LINE_BYTES;

type OutputStream = Exclude<LogLine['stream'], 'runner'>;

export type CapturedOutput = {
  write(stream: OutputStream, chunk: Uint8Array): void;
  /** Both streams are over. */
  end(): void;
  /** The last line that is not blank, as it was shown but for its colours; `null` before there is one. */
  lastLine(stream: OutputStream): string | null;
};

/**
 * Makes lines of what a process prints: decoded (bytes that are no UTF-8 become U+FFFD), without control characters and
 * escape sequences but those of colours, without secrets, and none longer than the log takes. Lines that tell of progress go their own way.
 */
export function captureOutput({
  redactor,
  onLine,
  onProgress,
}: {
  readonly redactor: Redactor;
  readonly onLine: (stream: OutputStream, text: string) => void;
  readonly onProgress: (progress: Progress) => void;
}): CapturedOutput {
  const last: Record<OutputStream, string | null> = { stdout: null, stderr: null };

  const takeLine = (stream: OutputStream, bytes: Buffer, droppedBytes: number) => {
    const printed = bytes.toString();
    const text = cleanText(printed);
    const progress = droppedBytes === 0 ? parseProgressLine(text) : null;
    if (progress) {
      const { progressPercent, message } = progress;
      const shown = message === null ? null : cutSentence(redactor.redact(message), MAX_MESSAGE_CHARACTERS);
      onProgress({ progressPercent, message: shown });
      return;
    }
    // The cut may have gone through a character, which then is no part of a secret's beginning.
    const redacted =
      droppedBytes === 0 ? redactor.redact(text) : redactor.redactCut(text.replace(/\ufffd{1,3}$/, ''));
    const line = cutLine(redacted, droppedBytes, MAX_LOG_LINE_BYTES);
    if (/\S/.test(line)) last[stream] = line;
    onLine(stream, line === text && printed !== text ? coloured(printed, line) : line);
  };
  /** With its colours, where there is room for them. Not where a secret was taken out: it may have been spread over several colours. */
  const coloured = (printed: string, line: string) => {
    const text = redactor.redact(cleanColouredText(printed));
    return Buffer.byteLength(text) <= MAX_LOG_LINE_BYTES ? text : line;
  };
  const splitterOf = (stream: OutputStream) =>
    createLineSplitter({
      maxBytes: MAX_HELD_BYTES,
      onLine: (bytes, droppedBytes) => takeLine(stream, bytes, droppedBytes),
    });
  const splitters = { stdout: splitterOf('stdout'), stderr: splitterOf('stderr') };
  return {
    write: (stream, chunk) => splitters[stream].write(chunk),
    end: () => {
      splitters.stdout.end();
      splitters.stderr.end();
    },
    lastLine: (stream) => last[stream],
  };
}
