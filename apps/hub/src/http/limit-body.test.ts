import { OpenAPIHono } from '@hono/zod-openapi';
import { expect, it } from 'vitest';
import { type Authorize, letAnybody } from '../access/require-credential.ts';
import { recordingLog } from '../testing/recording-log.ts';
import { createApp } from './app.ts';
import { problem } from './problem.ts';

const DEPS = {
  version: '0.0.0',
  access: { allowedOrigins: [], hostNames: [] },
  log: recordingLog().log,
};

it('is not asked about the body of somebody who may not send one', async () => {
  const app = createApp({
    ...DEPS,
    authorize: () => async (c) => problem(c, 401, 'Not signed in', 'Who asks?'),
    routes: [],
  });
  let pulls = 0;
  const body = new ReadableStream(
    {
      pull: (controller) => {
        pulls += 1;
        controller.enqueue(new Uint8Array(1024));
      },
    },
    { highWaterMark: 0 },
  );
  const init = { method: 'POST', headers: { host: 'localhost' }, body, duplex: 'half' };
  expect([(await app.request('/tokens', init as RequestInit)).status, pulls]).toEqual([401, 0]);
});

it('is 4 KiB where everybody may ask, and 256 KiB for who has said who asks', async () => {
  const app = (authorize: Authorize) =>
    createApp({
      ...DEPS,
      authorize,
      routes: [new OpenAPIHono().post('/x', async (c) => c.text(await c.req.text())) as OpenAPIHono],
    });
  const letStrangers: Authorize = () => (_, next) => next();
  for (const [authorize, kib, status] of [
    [letStrangers, 4, 200],
    [letStrangers, 5, 413],
    [letAnybody, 256, 200],
    [letAnybody, 257, 413],
  ] as const) {
    const text = 'x'.repeat(kib * 1024);
    for (const length of [{}, { 'content-length': `${text.length}` }]) {
      const headers = { host: 'localhost', ...length };
      const answer = await app(authorize).request('/x', { method: 'POST', headers, body: text });
      expect([kib, answer.status]).toEqual([kib, status]);
    }
  }
});
