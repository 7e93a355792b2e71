import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { problemSchema } from '@booner/protocol';
import { eventually, freePort, startHub } from '@booner/testkit';
import { describe, expect, it } from 'vitest';

const EXAMPLE = join(import.meta.dirname, '../../examples/existing-scripts/game.deploy.yaml');
const MODELS = { models: [{ name: 'llama3:8b', size: 4_661_224_676, details: { family: 'llama' } }] };

/** A server whose answer can be set. */
async function startOllama() {
  const seen: string[] = [];
  let answer: RequestListener = (_request, response) => response.end(JSON.stringify(MODELS));
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/base/`,
    seen,
    answer: (next: RequestListener) => {
      answer = next;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('the API of existing dashboards', () => {
  it('lists no models if no Ollama is set, and redirects /redoc to the reference', async () => {
    await using hub = await startHub();
    const tags = await hub.get('/ollama/tags');
    expect({ status: tags.status, body: await tags.json() }).toEqual({ status: 200, body: { models: [] } });
    const redoc = await hub.get('/redoc', { redirect: 'manual' });
    expect([redoc.status, redoc.headers.get('location')]).toEqual([302, '/docs']);
    expect((await hub.get('/redoc')).url).toBe(`${hub.url}/docs`);
  });

  it('lists the models of Ollama, or says in a problem why it cannot', async () => {
    await using ollama = await startOllama();
    await using hub = await startHub({ env: { BOONER_OLLAMA_URL: ollama.url } });
    const good = await hub.get('/ollama/tags');
    expect({ status: good.status, body: await good.json() }).toEqual({ status: 200, body: MODELS });
    expect(good.headers.get('content-type')).toMatch(/^application\/json\b/);
    expect(ollama.seen).toEqual(['GET /base/api/tags']);

    const errorOf = async (answer: RequestListener) => {
      ollama.answer(answer);
      const response = await hub.get('/ollama/tags');
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      const { status, detail } = problemSchema.parse(await response.json());
      expect(status).toBe(response.status);
      return `${status}: ${detail}`;
    };
    expect(await errorOf((_, response) => response.writeHead(500).end())).toMatch(/^502: .*answered 500\./);
    expect(
      await errorOf((_, response) => response.writeHead(302, { location: `${hub.url}/healthz` }).end()),
    ).toMatch(/^502: .*answered 302, a redirect, which is not followed\./);
    expect(await errorOf((_, response) => response.end('<html>'))).toMatch(/^502: .*other than a list/);
    expect(await errorOf((_, response) => response.end('{"models":{}}'))).toMatch(
      /^502: .*other than a list/,
    );
    let sent = 0;
    expect(
      await errorOf((_, response) => {
        const more = () => {
          while (!response.destroyed && response.write('x'.repeat(65_536))) sent += 65_536;
        };
        response.on('drain', more);
        more();
      }),
    ).toMatch(/^502: .*answered more than 1048576 bytes\./);
    expect(sent).toBeLessThan(100 * 1024 * 1024); // it is not read on
    expect(await errorOf(() => {})).toMatch(/^504: .*did not answer within 5000 ms\./);
    expect(await errorOf((_, response) => void response.write('{"models":['))).toMatch(/^504: /);
    expect(await errorOf((request) => request.socket.destroy())).toMatch(/^502: .*is unreachable: /);

    let open = 0;
    let mostOpen = 0;
    ollama.answer((_, response) => {
      open += 1;
      mostOpen = Math.max(mostOpen, open);
      setTimeout(() => {
        open -= 1;
        response.end('{"models":[]}');
      }, 200);
    });
    const all = await Promise.all(Array.from({ length: 20 }, () => hub.get('/ollama/tags')));
    expect(all.map(({ status }) => status)).toEqual(all.map(() => 200));
    expect(mostOpen).toBe(1); // all concurrent requests share one upstream request
  });

  it('reports that Ollama is unreachable', async () => {
    await using hub = await startHub({ env: { BOONER_OLLAMA_URL: `http://127.0.0.1:${await freePort()}` } });
    const response = await hub.get('/ollama/tags');
    expect(response.status).toBe(502);
    expect(((await response.json()) as { detail: string }).detail).toContain('ECONNREFUSED');
  });
});

it('runs the action of an existing script, with null for settings that are not set and the others unchanged', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'booner-scripts-'));
  try {
    const actions = join(folder, 'actions.d');
    await mkdir(actions, { mode: 0o755 });
    await cp(EXAMPLE, join(actions, 'game.deploy.yaml'));
    await using hub = await startHub({ env: { BOONER_ACTIONS_DIR: actions } });
    const deploy = (body: object) =>
      hub.get('/game/deploy', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    await eventually(
      async () =>
        (await (await hub.get('/targets/127.0.0.1/actions')).text()).includes('"game.deploy"') || null,
      { what: 'the action to be offered' },
    );
    const settings = { motd: 'a "quoted" \n text; $(id) ü', list: [1, null, { deep: true }] };
    const answer = await deploy({
      game: 'chess',
      target_host: null,
      custom_config: settings,
      env_vars: null,
      version: null,
    });
    expect(answer.status).toBe(202);
    const { task_id: id } = (await answer.json()) as { task_id: string };
    const task = await eventually(
      async () => {
        const found = (await (await hub.get(`/tasks/${id}`)).json()) as { status: string };
        return ['completed', 'failed'].includes(found.status) ? found : null;
      },
      { what: 'the end of the task' },
    );
    expect(task).toMatchObject({ status: 'completed', result: { game: 'chess', settings } });
    const log = await (await hub.get(`/tasks/${id}/log`, { headers: { accept: 'text/plain' } })).text();
    expect(log).toContain(`with the settings ${JSON.stringify(settings)}`);
    expect(log).toContain('and the environment {}');

    const refused = await deploy({ game: 'chess', custom_config: 'not an object' });
    expect(refused.status).toBe(422);
    expect(await refused.json()).toMatchObject({
      errors: [
        { pointer: '/custom_config', detail: expect.stringMatching(/^must be a JSON object or array/) },
      ],
    });
    expect((await deploy({ game: 'chess', env_vars: ['a'.repeat(5000)] })).status).toBe(422);
  } finally {
    await rm(folder, { recursive: true });
  }
});
