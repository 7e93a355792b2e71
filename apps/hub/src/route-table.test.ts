import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from 'hono';
import { expect, it, onTestFinished } from 'vitest';
import type { AccessRule } from './http/route.ts';
import { allRoutes } from './testing/all-routes.ts';
import { createTestApp } from './testing/test-app.ts';

/** Every route of the hub with its access rule: role, audit verb, limit on failures. */
const TABLE = `
DELETE /alert-channels/:name   admin    channel.remove
DELETE /alert-channels/:name/subscriptions operator channel.unsubscribe
DELETE /alert-deliveries/:id   operator delivery.discard
DELETE /alert-rules/:name      admin    alert_rule.remove
DELETE /auth/session           viewer   sign_out
DELETE /auth/sessions          viewer   sign_out
DELETE /heartbeats/:name       admin    heartbeat.remove
DELETE /hooks/:name            operator hook.remove
DELETE /quiet-hours/:name      admin    quiet_hours.remove
DELETE /schedules/:name        operator schedule.remove
DELETE /secrets/:name          operator secret.remove
DELETE /silences/:id           operator silence.remove
DELETE /targets/:host          admin    target.remove
DELETE /tokens/:id             admin    token.revoke
GET /                          public
GET /acknowledge               public
GET /agents                    viewer
GET /alert-channels            viewer
GET /alert-channels/:name      viewer
GET /alert-deliveries          viewer
GET /alert-rules               viewer
GET /alert-rules/:name         viewer
GET /alerts                    viewer
GET /assets/*                  public
GET /audit                     admin
GET /auth                      public
GET /auth/oidc/callback        public   sign_in
GET /auth/oidc/start           public
GET /dashboard                 public
GET /dashboard/                public
GET /dashboard/*               public
GET /docs                      public
GET /docs/start.js             public
GET /docs/swagger-ui-bundle.js public
GET /docs/swagger-ui.css       public
GET /favicon.svg               public
GET /healthz                   public
GET /heartbeats                viewer
GET /history                   viewer
GET /history/backup            admin    history.backup
GET /history/blocks            viewer
GET /history/export            viewer
GET /history/stats             viewer
GET /hooks                     viewer
GET /hooks/:name               viewer
GET /identities                viewer
GET /install.sh                public
GET /metrics                   viewer
GET /ollama/tags               viewer
GET /openapi.json              public
GET /packages/:file            public
GET /packages/SHA256SUMS       public
GET /packages/SHA256SUMS.sig   public
GET /quiet-hours               viewer
GET /readyz                    public
GET /redoc                     public
GET /rollouts                  viewer
GET /rollouts/:id              viewer
GET /runners                   viewer
GET /schedules                 viewer
GET /schedules/:name           viewer
GET /secret-keys               operator
GET /secrets                   viewer
GET /silences                  viewer
GET /system/history            viewer
GET /system/status             viewer
GET /targets                   viewer
GET /targets/:host             viewer
GET /targets/:host/actions     viewer
GET /targets/:host/history     viewer
GET /targets/:host/identity    viewer
GET /tasks                     viewer
GET /tasks/:id                 viewer
GET /tasks/:id/artefacts/:name viewer
GET /tasks/:id/log             viewer
GET /tokens                    admin
GET /ws/alerts                 viewer
GET /ws/system/status          viewer
GET /ws/tasks/updates          viewer
PATCH /targets/:host           admin    target.label
PATCH /tasks/:id               operator task.change
POST /alert-channels/:name/subscriptions operator channel.subscribe
POST /alert-channels/:name/test operator channel.test
POST /alert-deliveries/:id/retry operator delivery.retry
POST /alert-links/acknowledge  public   alert.acknowledge
POST /alert-rules/test         operator
POST /alerts/:id/ack           operator alert.acknowledge
POST /auth/links               admin    link.create recent
POST /auth/session             public   sign_in
POST /auth/session/confirm     viewer   session.confirm
POST /auth/tickets             viewer
POST /enrol                    public   target.enrol limited
POST /game/backup              operator task.create
POST /game/deploy              operator task.create
POST /game/start               operator task.create
POST /game/stop                operator task.create
POST /game/update              operator task.create
POST /heartbeats/:name         public
POST /hooks/:name              public
POST /hooks/:name/pause        operator hook.pause
POST /hooks/:name/resume       operator hook.resume
POST /hooks/:name/rotate       operator hook.rotate
POST /infrastructure/task      operator task.create
POST /rollouts                 operator rollout.create
POST /rollouts/:id/approve     operator rollout.approve
POST /rollouts/:id/cancel      operator rollout.cancel
POST /rollouts/:id/pause       operator rollout.pause
POST /rollouts/:id/resume      operator rollout.resume
POST /rollouts/:id/retry-failed operator rollout.retry
POST /rollouts/:id/rollback    operator rollout.create
POST /rollouts/plan            operator
POST /schedules/:name/pause    operator schedule.pause
POST /schedules/:name/resume   operator schedule.resume
POST /silences                 operator silence.set
POST /targets                  admin    target.add recent
POST /targets/:host/release    admin    target.release
POST /targets/:host/rotate     admin    target.rotate recent
POST /tasks                    operator task.create
POST /tasks/:id/cancel         operator task.cancel
POST /tokens                   admin    token.create recent
POST /web/deploy               operator task.create
POST /web/monitoring           operator task.create
POST /web/nginx                operator task.create
POST /web/update               operator task.create
PUT /alert-channels/:name      admin    channel.save
PUT /alert-rules/:name         admin    alert_rule.set
PUT /heartbeats/:name          admin    heartbeat.set
PUT /hooks/:name               operator hook.set
PUT /quiet-hours/:name         admin    quiet_hours.set
PUT /schedules/:name           operator schedule.set
PUT /secrets/:name             operator secret.set
`;

it('holds the access rule of every route', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'booner-dashboard-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  await Promise.all(['index.html', 'favicon.svg'].map((name) => writeFile(join(directory, name), '')));
  const authorize = async (c: Context) => c.json(c.get('accessRule'));
  const app = createTestApp({ routes: await allRoutes(directory), authorize });
  const names = app.routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => `${method} ${path}`);
  const lines = [...new Set(names)].sort().map(async (name) => {
    const [method = '', path = ''] = name.split(' ');
    const answer = await app.request(path.replace(/:\w+|\*$/g, 'x'), {
      method,
      headers: { host: 'localhost' },
    });
    const { role, verb = '', limited, recent } = (await answer.json()) as AccessRule;
    const flags = [limited ? 'limited' : '', recent ? 'recent' : ''];
    return [name.padEnd(30), (role ?? 'public').padEnd(8), verb, ...flags.filter((flag) => flag !== '')]
      .join(' ')
      .trimEnd();
  });
  expect((await Promise.all(lines)).join('\n')).toBe(TABLE.trim());
});

it('describes every operation under a name of its own, with patterns that JSON Schema understands', async () => {
  const app = createTestApp({ routes: await allRoutes('/there/is/no/such/folder') });
  const text = await (await app.request('/openapi.json', { headers: { host: 'localhost' } })).text();
  const operations = Object.values(JSON.parse(text).paths).flatMap((path) => Object.values(path as object));
  const names = operations.map(({ operationId }) => operationId);
  expect(names.length).toBeGreaterThan(40);
  expect(new Set(names).size).toBe(names.length);
  expect(operations.filter(({ summary, tags }) => !summary || !tags)).toEqual([]);
  const patterns = [...text.matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)].map(([, each = '""']) =>
    JSON.parse(each),
  );
  expect(patterns.length).toBeGreaterThan(0);
  for (const pattern of patterns) {
    expect(pattern).not.toMatch(/\/[a-z]*$/); // a flag is no part of a pattern
    expect(() => new RegExp(pattern, 'u')).not.toThrow();
  }
});
