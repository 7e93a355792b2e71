import { isOutage, type LogPage, type TaskBus } from '@booner/bus';
import { compareCursors, type TaskId } from '@booner/protocol';
import type { Logger } from '@booner/service';
import { z } from '@hono/zod-openapi';
import { accepts } from 'hono/accepts';
import type { ReadableOf } from '../fleet/read-scopes.ts';
import { optionalWholeNumber, wholeNumber } from '../http/openapi.ts';
import { type Routes, route, serve } from '../http/route.ts';
import { noSuchTask, taskIdFromPath, taskIdParams } from './task-path.ts';
import { logSchema } from './task-schemas.ts';

export type TaskLogRoutesDeps = {
  readonly bus: Pick<TaskBus, 'read' | 'readLog' | 'readLogTail'>;
  readonly readableOf: ReadableOf;
  readonly log: Logger;
};

/** Lines read at a time. The bus stores them in entries of at most 8 KiB. */
const PAGE_LINES = 1000;
const MAX_LIMIT = 5000;

const logRoute = route({
  method: 'get',
  path: '/tasks/{id}/log',
  access: { role: 'viewer' },
  summary: 'Show the output of a task',
  description:
    'Lines are numbered from 1; missing numbers are dropped lines. `text/plain` returns only the text, up to ' +
    'its end unless you set `limit`.',
  tag: 'tasks',
  request: {
    params: taskIdParams,
    query: z.object({
      after_line: wholeNumber({ minimum: 0, default: 0 }),
      limit: optionalWholeNumber({ minimum: 1, maximum: MAX_LIMIT, default: PAGE_LINES }),
    }),
  },
  responses: {
    200: {
      description: 'The lines',
      content: { 'application/json': { schema: logSchema }, 'text/plain': { schema: z.string() } },
    },
  },
  errors: { 404: 'No such task' },
});

/** Output of tasks, as JSON or as text. */
export const taskLogRoutes = ({ bus, readableOf, log }: TaskLogRoutesDeps): Routes => [
  serve(logRoute, async (c, { query: { after_line: afterLine, limit } }) => {
    const id = taskIdFromPath(c);
    const task = id === null ? null : await bus.read(id);
    if (id === null || task === null || !readableOf(c).has(task.host)) return noSuchTask(c);
    const type = accepts(c, {
      header: 'Accept',
      supports: ['application/json', 'text/plain'],
      default: 'application/json',
    });
    c.header('vary', 'Accept', { append: true });
    if (type === 'text/plain') {
      const texts = logText(bus, id, { afterLine, limit: limit ?? Number.POSITIVE_INFINITY });
      const first = await texts.next(); // so that an outage becomes a 503, not a truncated answer
      c.header('content-type', 'text/plain; charset=utf-8');
      return c.body(streamOf(first, texts, log));
    }
    const max = limit ?? PAGE_LINES;
    const page = await bus.readLog(id, { afterLine }, max);
    const lines = page.lines.slice(0, max); // the bus returns whole entries of several lines
    const nextAfterLine = lines.at(-1)?.line ?? afterLine + page.droppedLines;
    const droppedLines = nextAfterLine - afterLine - lines.length;
    return c.json({ task_id: id, lines, dropped_lines: droppedLines, next_after_line: nextAfterLine }, 200);
  }),
];

/**
 * Yields a log as text, page by page, up to its current end. A line of its own marks dropped lines.
 */
async function* logText(
  bus: Pick<TaskBus, 'readLog' | 'readLogTail'>,
  id: TaskId,
  { afterLine, limit }: { afterLine: number; limit: number },
): AsyncGenerator<string, void> {
  const { cursor: end } = await bus.readLogTail(id, 1);
  let last = afterLine;
  let after: LogPage['cursor'] | undefined;
  for (let left = limit; left > 0; ) {
    const from = { afterLine: last, ...(after === undefined ? {} : { after }) };
    const page = await bus.readLog(id, from, Math.min(PAGE_LINES, left));
    const lines = page.lines.slice(0, left);
    if (lines.length === 0) {
      if (page.droppedLines > 0) yield droppedText(page.droppedLines);
      return;
    }
    let text = '';
    for (const { line, text: content } of lines) {
      if (line > last + 1) text += droppedText(line - last - 1);
      text += `${content}\n`;
      last = line;
    }
    yield text;
    left -= lines.length;
    after = page.cursor;
    if (compareCursors(after, end) >= 0) return; // otherwise a busy task would make the answer endless
  }
}

const droppedText = (count: number) => `[${count} ${count === 1 ? 'line was' : 'lines were'} dropped]\n`;

/**
 * Streams as fast as the client reads. An error on the way truncates the answer, which the client
 * detects.
 */
function streamOf(
  first: IteratorResult<string, void>,
  texts: AsyncGenerator<string, void>,
  log: Logger,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let next: IteratorResult<string, void> | null = first;
  return new ReadableStream({
    async pull(controller) {
      try {
        next ??= await texts.next();
      } catch (error) {
        const level = isOutage(error) ? 'debug' : 'warn';
        log[level]({ err: error }, 'a log could not be sent to its end');
        controller.error(error);
        return;
      }
      if (next.done) controller.close();
      else controller.enqueue(encoder.encode(next.value));
      next = null;
    },
    async cancel() {
      await texts.return();
    },
  });
}
