import { MAX_LOG_LINE_BYTES } from '@booner/protocol';
import { expect, it } from 'vitest';
import { captureOutput } from './capture-output.ts';
import type { Progress } from './progress-line.ts';
import { createRedactor } from './redactor.ts';

function capture(chunks: readonly (string | Uint8Array)[], secrets: readonly string[] = []) {
  const lines: string[] = [];
  const progress: Progress[] = [];
  const output = captureOutput({
    redactor: createRedactor(secrets),
    onLine: (_, text) => lines.push(text),
    onProgress: (each) => progress.push(each),
  });
  for (const chunk of chunks) output.write('stdout', Buffer.from(chunk));
  output.end();
  return { lines, progress, last: output.lastLine('stdout') };
}

it('joins characters that were cut by a chunk, and replaces bytes that are none', () => {
  const euro = Buffer.from('€');
  expect(capture([euro.subarray(0, 1), euro.subarray(1), Buffer.from([0xff, 0xc3, 0x28])]).lines).toEqual([
    '€\ufffd\ufffd(',
  ]);
});

it('reports progress instead of showing its lines, without secrets', () => {
  const { lines, progress, last } = capture(
    ['a\n::progress 40 using s3cret\n\n::progress 400 b\n'],
    ['s3cret'],
  );
  expect(progress).toEqual([{ progressPercent: 40, message: 'using [redacted]' }]);
  expect(lines).toEqual(['a', '', '::progress 400 b']);
  expect(last).toBe('::progress 400 b');
});

it('keeps the last line that is not blank', () => {
  expect(capture(['done\n \n\n::progress 100\n']).last).toBe('done');
});

it('shows colours, and leaves them out of progress, of the last line, and if there is no room for them', () => {
  const { lines, progress, last } = capture(['\x1b[32m::progress 40 go\x1b[m\n\x1b[31mred\x1b[0m\x1b[2J\n']);
  expect(lines).toEqual(['\x1b[31mred\x1b[0m']);
  expect(progress).toEqual([{ progressPercent: 40, message: 'go' }]);
  expect(last).toBe('red');
  expect(capture([`${'\x1b[31m'.repeat(MAX_LOG_LINE_BYTES / 5)}red\n`]).lines).toEqual(['red']);
});

it('redacts a secret that is hidden between colours', () => {
  expect(capture(['s3\x1b[1mcret\n'], ['s3cret']).lines).toEqual(['[redacted]']);
});

it('cuts a message to what a task takes', () => {
  expect(capture([`::progress 1 ${'x'.repeat(600)}\n`]).progress[0]?.message).toHaveLength(500);
});

it('notes how much of a long line was dropped, and shows no part of a secret at the cut', () => {
  const [line = ''] = capture(['a'.repeat(100_000)]).lines;
  expect(Buffer.byteLength(line)).toBeLessThanOrEqual(MAX_LOG_LINE_BYTES);
  const shown = line.indexOf(' …');
  expect(line.slice(shown)).toBe(` … [${100_000 - shown} bytes dropped]`);

  // Colours fill what is held, so that the cut goes through the secret.
  const secret = 'hunter2-ü-hunter2';
  for (let cut = 1; cut < Buffer.byteLength(secret); cut += 1) {
    const before = 4 * MAX_LOG_LINE_BYTES - cut;
    const text = '\x1b[m'.repeat(before / 3 - 10).padEnd(before, '.');
    expect(capture([`${text}${secret}${'b'.repeat(10)}\n`], [secret]).lines[0]).not.toContain('h');
  }
});
