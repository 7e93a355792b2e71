import { type LogLine, MAX_LOG_LINE_BYTES, MAX_MESSAGE_CHARACTERS } from '@booner/protocol';
import { cleanColouredText, cleanText } from './clean-text.ts';
import { cutLine, cutSentence } from './cut-text.ts';
import { createLineSplitter } from './line-splitter.ts';
import { type Progress, parseProgressLine } from './progress-line.ts';
import type { Redactor } from './redactor.ts';

/** Limit of a line before it is cleaned: escape sequences may make up most of it. */
const MAX_HELD_BYTES = 4 * MAX_LOG_LINE_BYTES;

type OutputStream = Exclude<LogLine['stream'], 'runner'>;

export type CapturedOutput = {
  write(stream: OutputStream, chunk: Uint8Array): void;
  /** Both streams have ended. */
  end(): void;
  /**
   * Returns the last line that is not blank, as shown but without colours; `null` before there is
   * one.
   */
  lastLine(stream: OutputStream): string | null;
};

/**
 * Turns the output of a process into lines. Decodes them (bytes that are not UTF-8 become U+FFFD),
 * removes secrets, control characters and escape sequences other than colours, and cuts them to the
 * limit of the log. Progress lines are reported separately.
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
    // The cut may have split a character, which would hide the beginning of a secret before it.
    const redacted =
      droppedBytes === 0 ? redactor.redact(text) : redactor.redactCut(text.replace(/\ufffd{1,3}$/, ''));
    const line = cutLine(redacted, droppedBytes, MAX_LOG_LINE_BYTES);
    if (/\S/.test(line)) last[stream] = line;
    onLine(stream, line === text && printed !== text ? coloured(printed, line) : line);
  };
  /**
   * Restores the colours of a line, if there is room for them. Not used where a secret was removed:
   * it may have been spread over several colours.
   */
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
