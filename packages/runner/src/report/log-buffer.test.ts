import { type LogEntry, MAX_LOG_ENTRY_BYTES } from '@booner/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLogBuffer } from './log-buffer.ts';

/** The numbered lines of entries. */
const linesOf = (entries: readonly LogEntry[]): [number, string, string][] =>
  entries.flatMap(({ line, stream, text }) =>
    text.split('\n').map((part, index): [number, string, string] => [line + index, stream, part]),
  );

const manyLines = fc.array(
  fc.tuple(
    fc.constantFrom('stdout' as const, 'stderr' as const),
    fc.string({ maxLength: 4000, unit: fc.constantFrom('a', 'é', '😀', ' ') }),
  ),
  { maxLength: 60 },
);

describe('the log buffer', () => {
  it('joins lines of one stream, and parts them where the stream changes', () => {
    const buffer = createLogBuffer({ maxBytes: 1000 });
    buffer.add('stdout', 'one');
    buffer.add('stdout', '');
    buffer.add('stderr', 'three');
    expect(buffer.take(10)).toEqual([
      { line: 1, stream: 'stdout', text: 'one\n' },
      { line: 3, stream: 'stderr', text: 'three' },
    ]);
    expect([buffer.bytes(), buffer.lines()]).toEqual([0, 3]);
  });

  it('gives every line once, in order, in entries of bounded size', () => {
    fc.assert(
      fc.property(manyLines, fc.integer({ min: 1, max: 5 }), (lines, atATime) => {
        const buffer = createLogBuffer({ maxBytes: Number.POSITIVE_INFINITY });
        const taken: LogEntry[] = [];
        for (const [index, [stream, text]] of lines.entries()) {
          buffer.add(stream, text);
          if (index % 7 === 6) buffer.putBack(buffer.take(atATime));
          if (index % 5 === 4) taken.push(...buffer.take(atATime));
        }
        taken.push(...buffer.take(1000));
        expect(linesOf(taken)).toEqual(lines.map(([stream, text], index) => [index + 1, stream, text]));
        for (const { text } of taken)
          expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_LOG_ENTRY_BYTES);
        expect(buffer.bytes()).toBe(0);
      }),
    );
  });

  it('stays within its bound, and drops the oldest lines, which the numbers show', () => {
    const maxBytes = 20_000;
    fc.assert(
      fc.property(manyLines, (lines) => {
        const buffer = createLogBuffer({ maxBytes });
        for (const [stream, text] of lines) {
          buffer.add(stream, text);
          expect(buffer.bytes()).toBeLessThanOrEqual(maxBytes);
        }
        const kept = linesOf(buffer.take(1000));
        const first = kept[0]?.[0] ?? 1;
        expect(kept).toEqual(
          lines.map(([stream, text], index) => [index + 1, stream, text]).slice(first - 1),
        );
        expect(buffer.lines()).toBe(lines.length);
      }),
    );
  });
});
