import { isOutage, type LogPage, type TaskBus } from '@booner/bus';
import { compareCursors, parseTaskId, type TaskId } from '@booner/protocol';
import type { Logger } from '@booner/service';
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { accepts } from 'hono/accepts';
import { busRoutes } from '../http/bus-problem.ts';
import { faultsOf, faultyRequest } from '../http/json-body.ts';
import { noSuchTask } from './task-routes.ts';
import { faults, logSchema, taskIdParam } from './task-schemas.ts';

export type TaskLogRoutesDeps = {
  readonly bus: Pick<TaskBus, 'read' | 'readLog' | 'readLogTail'>;
  readonly log: Logger;
};

/** Lines read at a time; the bus keeps them by entries of at most 8 KiB. */
const PAGE_LINES = 1000;
const MAX_LIMIT = 5000;

const wholeNumber = z.coerce.number().pipe(z.int().min(0));
const querySchema = z.object({
  after_line: wholeNumber.default(0),
  limit: wholeNumber.pipe(z.int().min(1).max(MAX_LIMIT)).optional(),
});

const logRoute = createRoute({
  method: 'get',
  path: '/tasks/{id}/log',
  summary: 'Output of a task',
  description:
    'Lines are numbered from 1; numbers that are missing were dropped. As `text/plain` the text alone, to its end unless `limit` says otherwise.',
  tags: ['tasks'],
  request: {
    params: taskIdParam,
    query: z.object({
      after_line: z.int().min(0).default(0).optional(),
      limit: z.int().min(1).max(MAX_LIMIT).default(PAGE_LINES).optional(),
    }),
  },
  responses: {
    200: {
      description: 'Lines',
      content: { 'application/json': { schema: logSchema }, 'text/plain': { schema: z.string() } },
    },
    ...faults({ 400: 'A bad query', 404: 'No such task' }),
  },
});

/** What tasks said, as JSON or as text. */
export function taskLogRoutes({ bus, log }: TaskLogRoutesDeps): OpenAPIHono {
  const routes = busRoutes(log);
  routes.openAPIRegistry.registerPath(logRoute);
  routes.get('/tasks/:id/log', async (c) => {
    const query = querySchema.safeParse(c.req.query());
    if (!query.success) return faultyRequest(c, 400, 'Bad query', faultsOf(query.error));
    const id = parseTaskId(c.req.param('id'));
    if (id === null || (await bus.read(id)) === null) return noSuchTask(c);
    const { after_line: afterLine, limit } = query.data;
    const type = accepts(c, {
      header: 'Accept',
      supports: ['application/json', 'text/plain'],
      default: 'application/json',
    });
    c.header('vary', 'Accept', { append: true });
    if (type === 'text/plain') {
      const texts = logText(bus, id, { afterLine, limit: limit ?? Number.POSITIVE_INFINITY });
      const first = await texts.next(); // a bus that is away is a 503, not an answer that breaks off
      c.header('content-type', 'text/plain; charset=utf-8');
      return c.body(streamOf(first, texts, log));
    }
    const max = limit ?? PAGE_LINES;
    const page = await bus.readLog(id, { afterLine }, max);
    const lines = page.lines.slice(0, max); // the bus reads whole entries of several lines
    const nextAfterLine = lines.at(-1)?.line ?? afterLine + page.droppedLines;
    const droppedLines = nextAfterLine - afterLine - lines.length;
    return c.json({ task_id: id, lines, dropped_lines: droppedLines, next_after_line: nextAfterLine }, 200);
  });
  return routes;
}

/** The lines of a log as text, up to where it ends now, a page at a time, with a line where some were dropped. */
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
    if (compareCursors(after, end) >= 0) return; // a task that talks without pause does not make the answer endless
  }
}

const droppedText = (count: number) => `[${count} ${count === 1 ? 'line was' : 'lines were'} dropped]\n`;

/** Reads on only as fast as the client takes it. A fault in the middle ends the answer early, which the client sees as such. */
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
