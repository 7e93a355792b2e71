import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir, uptime } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { problemSchema, statusServerMessageSchema, systemStatusSchema, targetSchema } from '@booner/protocol';
import { eventually, type HubProcess, startHub } from '@booner/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const PROMETHEUS = join(import.meta.dirname, '../../docs/prometheus');

const stack = new AsyncDisposableStack();
let hub: HubProcess;
beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'booner-history-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  hub = stack.use(await startHub({ env: { BOONER_HISTORY_DIR: directory } }));
  await eventually(async () => (await json<{ agents: object[] }>('/agents')).agents.length === 1, {
    what: "this machine's own agent",
  });
});
afterAll(() => stack.disposeAsync());

async function json<Body>(path: string): Promise<Body> {
  const answer = await hub.get(path);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toMatch(/^application\/json\b/);
  return answer.json() as Promise<Body>;
}

describe('the REST API', () => {
  it('shows the status, the targets and the agents as the protocol says', async () => {
    const status = await json('/system/status');
    expect(systemStatusSchema.strict().parse(status)).toEqual(status);
    const { targets, ...rest } = await json<{ targets: unknown[] }>('/targets');
    expect(rest).toEqual({});
    const [target] = targets.map((entry) => targetSchema.strict().parse(entry));
    expect(target?.status).toBe('active');
    expect(target?.sample?.cpu).not.toBeNull();
    const one = targetSchema.strict().parse(await json(`/targets/${target?.host}`));
    expect(one.host).toBe(target?.host);
    const [{ specs } = { specs: '' }] = systemStatusSchema.parse(status).deployment_targets;
    expect(await json('/agents')).toEqual({
      agents: [{ name: target?.host, model: specs, status: 'active' }],
    });
  });

  it('shows the snapshot of the stream of version 2 if that version is requested', async () => {
    const snapshot = statusServerMessageSchema.parse(await json('/system/status?version=2'));
    expect(snapshot).toMatchObject({ type: 'snapshot', bus: 'connected', targets: [{ status: 'active' }] });
  });

  it('reports that it is up, and able to deliver', async () => {
    expect(await json('/healthz')).toEqual({ status: 'ok' });
    expect(await json('/readyz')).toEqual({
      ready: true,
      reason: null,
      busEchoAgeMs: expect.any(Number),
      warnings: [],
    });
  });

  it.for<readonly [what: string, method: string, path: string, status: number, pointer?: string]>([
    ['a path that does not exist', 'GET', '/nowhere', 404],
    ['a method that a path does not have', 'PUT', '/targets', 405],
    ['a target that does not exist', 'GET', '/targets/10.255.255.1', 404],
    ['a host id that is none', 'GET', '/targets/a%20b', 400],
    ['an unknown version', 'GET', '/system/status?version=3', 400, '/version'],
    ['a host id of 300 characters', 'GET', `/targets/${'a'.repeat(300)}`, 400],
    ['a host id that is a pattern', 'GET', '/targets/*', 400],
    ['a host id that climbs', 'GET', '/targets/..%2Fx', 400],
  ])('describes the problem with %s', async ([, method, path, status, pointer = '/host']) => {
    const answer = await hub.get(path, { method });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    const problem = problemSchema.parse(await answer.json());
    expect(problem.status).toBe(status);
    if (status === 400) expect(problem.errors).toEqual([{ pointer, detail: expect.any(String) }]);
  });

  it.for([
    ['a browser', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text/html'],
    ['a program', 'application/json', 'application/json'],
    ['who prefers JSON', 'text/html;q=0.5, application/json', 'application/json'],
    ['curl', '*/*', 'application/json'],
    ['who says nothing', '', 'application/json'],
  ] as const)('shows at / what suits %s', async ([, accept, type]) => {
    const answer = await hub.get('/', { headers: { accept } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(new RegExp(`^${type}\\b`));
    if (type === 'application/json') {
      expect(await answer.json()).toEqual({ message: expect.any(String), version: expect.any(String) });
    } else expect(await answer.text()).toMatch(/^<!doctype html>/);
  });
});

type OpenApi = {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Record<string, Record<string, Operation>>;
};
type Operation = {
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
  }[];
  readonly responses: Record<string, { readonly description: string; readonly content?: object }>;
};

describe('the reference', () => {
  it('is OpenAPI 3.1 for every path, and each of its references resolves', async () => {
    const document = await json<OpenApi>('/openapi.json');
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    expect(document.info).toMatchObject({
      title: expect.any(String),
      version: expect.stringMatching(/^\d+\.\d+/),
    });
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        '/system/status',
        '/targets',
        '/targets/{host}',
        '/agents',
        '/healthz',
        '/readyz',
      ]),
    );
    const references = new Set(JSON.stringify(document).match(/(?<="\$ref":")[^"]*/g));
    expect(references.size).toBeGreaterThan(0);
    for (const reference of references) expect(resolve(document, reference), reference).toBeTypeOf('object');
    for (const [path, methods] of Object.entries(document.paths)) {
      const named = [...path.matchAll(/\{(.+?)\}/g)].map(([, name]) => name);
      for (const [method, { parameters = [], responses }] of Object.entries(methods)) {
        expect(method).toMatch(/^(get|put|post|delete|patch|head|options)$/);
        const inPath = parameters.filter((parameter) => parameter.in === 'path');
        expect(inPath.map(({ name }) => name)).toEqual(named);
        expect(inPath.every(({ required }) => required)).toBe(true);
        expect(Object.keys(responses).length).toBeGreaterThan(0);
        for (const [status, response] of Object.entries(responses)) {
          expect(status).toMatch(/^[1-5]\d\d$/);
          expect(response.description).toBeTypeOf('string');
        }
      }
    }
  });

  it('matches the answer of every path that needs no parameter', async () => {
    const { paths } = await json<OpenApi>('/openapi.json');
    for (const [path, { get }] of Object.entries(paths)) {
      if (get === undefined || path.includes('{')) continue;
      const answer = await hub.get(path);
      const described = get.responses[answer.status];
      expect(described, path).toBeDefined();
      const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
      expect(Object.keys(described?.content ?? {})).toContain(type);
    }
  });

  it('is a page that needs nothing from elsewhere', async () => {
    const page = await hub.get('/docs');
    expect(page.status).toBe(200);
    const html = await page.text();
    const sources = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, source]) => source ?? '');
    expect(sources.length).toBeGreaterThanOrEqual(2);
    for (const source of sources) {
      expect(source).toMatch(/^\/docs\//);
      const answer = await hub.get(source);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toMatch(/^text\/(css|javascript)\b/);
      expect((await answer.text()).length).toBeGreaterThan(10);
    }
    expect(html).not.toMatch(/https?:\/\//);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self';");
  });
});

/** Resolves a JSON pointer in a URI fragment, RFC 6901 section 6. */
function resolve(document: object, reference: string): unknown {
  const parts = reference.replace(/^#\//, '').split('/');
  return parts.reduce<unknown>((value, part) => {
    const name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    return (value as Record<string, unknown> | undefined)?.[name];
  }, document);
}

describe('/metrics', () => {
  // https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
  const LABELS = String.raw`\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*"(?:,|(?=\})))*\}`;
  const VALUE = String.raw`(?:[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|NaN)`;
  const SAMPLE = new RegExp(String.raw`^[a-zA-Z_:][\w:]*(?:${LABELS})? ${VALUE}$`, 'i');

  it('is in the text format of Prometheus, each series once and described', async () => {
    const answer = await hub.get('/metrics');
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4\b/);
    const lines = (await answer.text()).split('\n').filter((line) => line !== '');
    const typed = new Set(lines.flatMap((line) => /^# TYPE (\S+) /.exec(line)?.[1] ?? []));
    const samples = lines.filter((line) => !line.startsWith('#'));
    for (const line of lines) {
      expect(line).toMatch(
        line.startsWith('#') ? /^# (HELP \S+ .+|TYPE \S+ (counter|gauge|histogram|summary))$/ : SAMPLE,
      );
    }
    const series = samples.map((line) => line.slice(0, line.lastIndexOf(' ')));
    expect(new Set(series).size).toBe(series.length);
    for (const name of series.map((text) => text.replace(/\{.*$/, ''))) {
      expect(typed.has(name) || typed.has(name.replace(/_(bucket|sum|count)$/, '')), name).toBe(true);
    }
  });

  it('is as promtool recommends', async () => {
    const metrics = await (await hub.get('/metrics')).text();
    const promtool = promisify(execFile)('promtool', ['check', 'metrics']);
    promtool.child.stdin?.end(metrics);
    expect(await promtool).toEqual({ stdout: '', stderr: '' });
  });

  it('has what the alert rules in docs/prometheus read', async () => {
    const rules = await readFile(join(PROMETHEUS, 'alerts.yaml'), 'utf8');
    const read = [...rules.matchAll(/^ +expr: (.*)$/gm)].flatMap(
      ([, expression = '']) => expression.match(/\b(?:booner|nodejs)_\w+/g) ?? [],
    );
    const names = new Set(read.filter((name) => !name.startsWith('booner_hub_audit_file_')));
    expect(names.size).toBeGreaterThan(10);
    const metrics = await (await hub.get('/metrics')).text();
    for (const name of names) expect(metrics).toContain(`# TYPE ${name} `);
    // Counters exist before anything has happened, so that `increase` sees the first time.
    for (const start of [
      'booner_hub_messages_rejected_total{reason="wrong_shape"}',
      'booner_hub_stream_limits_total{limit="unread"}',
      'booner_hub_tasks_ended_total{status="failed"}',
      'booner_hub_task_duration_seconds_count{status="completed"}',
    ]) {
      expect(metrics).toContain(`\n${start} 0\n`);
    }
  });

  it('has the main values of each target, from its sample', async () => {
    const lines = (await (await hub.get('/metrics')).text()).split('\n');
    const { targets } = await json<{ targets: unknown[] }>('/targets');
    const [target] = targets.map((entry) => targetSchema.parse(entry));
    const gaugeOf = (name: string) => {
      const start = `${name}{host="${target?.host}"} `;
      return Number(lines.find((line) => line.startsWith(start))?.slice(start.length) ?? Number.NaN);
    };
    expect(gaugeOf('booner_target_up')).toBe(1);
    expect(gaugeOf('booner_target_memory_total_bytes')).toBe(target?.sample?.memory?.totalBytes);
    for (const name of ['cpu_usage_ratio', 'load1', 'memory_used_bytes', 'uptime_seconds']) {
      expect(gaugeOf(`booner_target_${name}`), name).toBeGreaterThanOrEqual(0);
    }
    const bootedAt = gaugeOf('booner_target_boot_timestamp_seconds');
    expect(Math.abs(Date.now() / 1000 - uptime() - bootedAt)).toBeLessThan(10);
  });
});
