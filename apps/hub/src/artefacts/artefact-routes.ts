import { basename } from 'node:path/posix';
import type { TaskBus } from '@booner/bus';
import type { Logger } from '@booner/service';
import { z } from '@hono/zod-openapi';
import type { ReadableOf } from '../fleet/read-scopes.ts';
import { downloadAs } from '../http/download-as.ts';
import { problem } from '../http/problem.ts';
import { type Routes, route, serve } from '../http/route.ts';
import { sendOpenFile } from '../http/send-open-file.ts';
import { noSuchTask, taskIdFromPath, taskIdParams } from '../tasks/task-path.ts';
import type { ArtefactStore } from './artefact-store.ts';

export type ArtefactRoutesDeps = {
  readonly bus: Pick<TaskBus, 'read'>;
  /** `null`: this hub keeps none. */
  readonly store: Pick<ArtefactStore, 'open'> | null;
  readonly readableOf: ReadableOf;
  readonly log: Logger;
};

const MEDIA_TYPE = 'application/octet-stream';

const artefactRoute = route({
  method: 'get',
  path: '/tasks/{id}/artefacts/{name}',
  access: { role: 'viewer' },
  summary: 'Download an artefact of a task',
  description: 'Names are in `artefacts.files` of the task. Encode `/` as `%2F`.',
  tag: 'tasks',
  request: {
    params: taskIdParams.extend({ name: z.string().openapi({ example: 'out/report.json' }) }),
  },
  responses: { 200: { description: 'The content', content: { [MEDIA_TYPE]: { schema: z.string() } } } },
  errors: {
    404: 'No such task or artefact, or this hub has no copy of it',
    409: 'This hub keeps no artefacts: `BOONER_ARTEFACTS_DIR` is `off`.',
  },
});

/** Files that tasks left. Their content is that of a program, so browsers only save it. */
export const artefactRoutes = ({ bus, store, readableOf, log }: ArtefactRoutesDeps): Routes => [
  serve(artefactRoute, async (c) => {
    const id = taskIdFromPath(c);
    const task = id === null ? null : await bus.read(id);
    if (id === null || task === null || !readableOf(c).has(task.host)) return noSuchTask(c);
    const name = c.req.param('name');
    const files = task.artefacts?.files ?? [];
    const index = files.findIndex((file) => file.name === name);
    const artefact = files[index];
    if (artefact === undefined) {
      const detail = 'The task has no artefact of this name. GET /tasks/{id}?version=2 lists its artefacts.';
      return problem(c, 404, 'No such artefact', detail);
    }
    if (store === null) {
      const detail = 'This hub keeps no artefacts: BOONER_ARTEFACTS_DIR is off. Ask another hub.';
      return problem(c, 409, 'No artefacts', detail);
    }
    const headers = {
      'content-type': MEDIA_TYPE,
      'content-disposition': downloadAs(basename(artefact.name)),
      'content-length': String(artefact.bytes),
    };
    if (c.req.method === 'HEAD') return c.body(null, 200, headers);
    const file = await store.open(id);
    if (file === null) {
      const detail =
        'This hub has no copy of the artefacts of this task. It has not taken them yet, did not run or had no ' +
        'room when the task ended, or has deleted them. Try again, or ask another hub.';
      return problem(c, 404, 'No copy', detail);
    }
    const start = files.slice(0, index).reduce((sum, { bytes }) => sum + bytes, 0);
    const { signal } = c.req.raw;
    const body = sendOpenFile({ file, size: artefact.bytes, start }, { end: () => {}, signal, log });
    return c.body(body, 200, headers);
  }),
];
