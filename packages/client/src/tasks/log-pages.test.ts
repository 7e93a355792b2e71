import type { LogLine } from '@booner/protocol';
import { expect, it } from 'vitest';
import type { ShownTask } from '../http/task-requests.ts';
import { LogBuffer } from './log-buffer.ts';
import { readNewLines } from './log-pages.ts';

it('counts what an ended task has lost after its last line, as the stream does', async () => {
  const task = { status: 'completed', logLines: 9 } as ShownTask;
  const lines: LogLine[] = [1, 2, 5].map((line) => ({ line, stream: 'stdout', text: `${line}` }));
  const pages = {
    rest: async () => ({ lines, dropped_lines: 2 }),
    requests: { readTask: async () => task },
  };
  const buffer = new LogBuffer(0);
  await readNewLines(pages, 'id', buffer, new AbortController().signal);
  expect(buffer.snapshot()).toMatchObject({ lines, droppedLines: 6, lastLine: 9, isEnded: true });
});
