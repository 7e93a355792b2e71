import type { LogLine } from '@booner/protocol';
import { expect, it } from 'vitest';
import { logText } from './log-text.ts';

it('writes a log without its colours, and says where lines are missing', () => {
  const lines: readonly LogLine[] = [
    { line: 3, stream: 'stdout', text: 'a \x1b[31mred\x1b[0m word' },
    { line: 5, stream: 'stderr', text: 'last' },
  ];
  expect([...logText({ lines, lastLine: 5 })].join('')).toBe(
    '[2 lines are missing here]\na red word\n[1 line is missing here]\nlast\n',
  );
});

it('writes long logs in parts, each line once', () => {
  const lines = Array.from({ length: 12_000 }, (_, index): LogLine => {
    return { line: index + 1, stream: 'stdout', text: `${index + 1}` };
  });
  const parts = [...logText({ lines, lastLine: 12_000 })];
  expect(parts).toHaveLength(3);
  expect(parts.join('')).toBe(lines.map(({ text }) => `${text}\n`).join(''));
});
