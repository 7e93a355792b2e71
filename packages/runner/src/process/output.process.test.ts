import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MAX_LOG_LINE_BYTES } from '@booner/protocol';
import { eventually } from '@booner/testkit';
import { expect, it } from 'vitest';
import { runScript, startTestRun } from '../testing/run-to-end.ts';

/** Matches colours, which are kept, even by chance. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
const RENDITION = /\x1b\[[\d;:]{0,40}m/g;

it('reads 200,000 lines in order', async () => {
  let next = 1;
  let outOfOrder = 0;
  const { outcome } = await runScript('seq 200000', {
    onLine: (text) => {
      if (text !== String(next)) outOfOrder += 1;
      next += 1;
    },
  });
  expect([next - 1, outOfOrder, outcome.result]).toEqual([200_000, 0, { details: '200000' }]);
});

it('keeps what a process printed right before its end', async () => {
  const script = 'head -c 60000 /dev/zero | tr "\\0" x | fold -w 100; echo; printf end';
  const { outcome, run } = await runScript(script);
  expect(run.lines.filter(({ text }) => text === 'x'.repeat(100))).toHaveLength(600);
  expect(outcome.result).toEqual({ details: 'end' });
});

it('holds little of a line of 10 MB without an end, and states what it dropped', async () => {
  const bytes = 10_000_000;
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  collectGarbage();
  const before = process.memoryUsage().arrayBuffers;
  await using run = await startTestRun(
    { command: ['sh', '-c', `head -c ${bytes} /dev/zero | tr '\\0' y; echo ready >&2; sleep 100`] },
    { graceMs: 100 },
  );
  await eventually(() => run.texts('stderr').length > 0, { what: 'the output' });
  // The rest of what was printed is on its way through the other pipe.
  await eventually(() => collectGarbage() ?? process.memoryUsage().arrayBuffers - before < 1_000_000, {
    what: 'the memory to be free',
  });
  expect(run.texts('stdout')).toEqual([]);
  run.end({ status: 'cancelled', result: null, error: null });
  await run.ended;
  const [, kept = '', dropped] = /^(y+) … \[(\d+) bytes dropped\]$/.exec(run.texts('stdout')[0]!) ?? [];
  expect(kept.length + Number(dropped)).toBe(bytes);
  expect(Buffer.byteLength(run.texts('stdout')[0]!)).toBeLessThanOrEqual(MAX_LOG_LINE_BYTES);
});

it('makes bounded text of binary output', async () => {
  const { outcome, run } = await runScript('head -c 1000000 /dev/urandom');
  expect(outcome.status).toBe('completed');
  expect(run.lines.length).toBeGreaterThan(100);
  for (const { text } of run.lines) {
    expect(text.replaceAll(RENDITION, '')).not.toMatch(/[^\P{Cc}\t]/u);
    expect(text.isWellFormed()).toBe(true);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_LOG_LINE_BYTES);
  }
});
