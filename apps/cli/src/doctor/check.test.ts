import { expect, it } from 'vitest';
import { type Finding, fail, ok, runChecks, skip, warn } from './check.ts';
import { checkAccess, compareClocks, hintForBus } from './hub-http.ts';
import { hintForProxy } from './hub-websocket.ts';

it('reports a problem once, and skips checks that depend on it, directly or not', async () => {
  const live: Finding[] = [];
  const findings = await runChecks(
    [
      { name: 'name', run: async () => ok('found') },
      { name: 'port', needs: ['name'], run: async () => fail('closed', 'open it') },
      { name: 'http', needs: ['port'], run: async () => ok('never run') },
      { name: 'data', needs: ['http'], run: async () => ok('never run') },
      { name: 'asked', run: async () => skip('unknown') },
      { name: 'answer', needs: ['asked'], run: async () => ok('never run') },
      { name: 'other', run: async () => [warn('old', 'renew it'), skip('not here')] },
    ],
    (finding) => live.push(finding),
  );
  expect(live).toEqual(findings);
  expect(findings.map(({ check, status }) => `${check} ${status}`)).toEqual([
    'name ok',
    'port fail',
    'http skip',
    'data skip',
    'asked skip',
    'answer skip',
    'other warn',
    'other skip',
  ]);
  expect(findings[3]?.detail).toBe('not checked because of port');
});

it.each([
  [4000, 'ok', 'agrees'],
  [-30_000, 'warn', '30 s behind'],
  [3_600_000, 'fail', '60 min ahead of'],
])('reports a clock that is %i ms ahead as %s', (skewMs, status, words) => {
  const result = compareClocks(skewMs, 'this clock', "the hub's", 'here');
  expect(result).toMatchObject({ status, detail: expect.stringContaining(words) });
});

it.each([
  [
    'Redis has been unavailable for 3 s: nothing is listening at 10.0.0.1:6379: start Redis, or correct its address (ECONNREFUSED)',
    'systemctl start redis-server',
  ],
  [
    'Redis has been unavailable for 3 s: Redis does not accept the user name or password: correct them, or create this user in Redis (WRONGPASS)',
    'REDIS_PASSWORD_FILE',
  ],
  [
    'Redis has been unavailable for 3 s: the Redis user may not XADD: docs/redis.md has the permissions of each user (NOPERM)',
    'docs/redis.md',
  ],
  [
    'Redis has been unavailable for 3 s: the certificate of Redis is from an authority that this host does not trust: name it with REDIS_CA_FILE (SELF_SIGNED_CERT_IN_CHAIN)',
    'REDIS_CA_FILE',
  ],
])('has a hint for %s', (reason, hint) => {
  expect(hintForBus(reason)).toContain(hint);
});

it.each([
  ['nginx/1.22.1', 'proxy_set_header Upgrade $http_upgrade'],
  ['Apache/2.4.57 (Debian)', 'a2enmod proxy_wstunnel'],
  [null, 'deploy/proxy'],
])('shows how to forward WebSockets with %s', (proxy, hint) => {
  expect(hintForProxy(proxy)).toContain(hint);
});

it('reports that nothing responds', async () => {
  expect(await checkAccess('http://127.0.0.1:1', null, null)).toMatchObject({ status: 'fail' });
});
