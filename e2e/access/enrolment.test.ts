import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { V2_SUBPROTOCOL } from '@booner/protocol';
import { eventually, type HubProcess, openStatusClient, startHub } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ask, madeUp, makeToken, signIn } from './asking.ts';
import { startEnrolledBed } from './enrolled-bed.ts';

const HOST = '127.0.0.2';
const OTHER = '127.0.0.3';

type Bed = Awaited<ReturnType<typeof startEnrolledBed>>;

/** A folder with an action that prints a line. */
async function writeActions({ directory }: Bed): Promise<string> {
  const actions = join(directory, 'actions.d');
  await mkdir(actions);
  const file = join(actions, 'greet.yaml');
  await writeFile(
    file,
    JSON.stringify({ name: 'greet', description: 'Says hello', command: ['/bin/echo', 'hello'] }),
  );
  await chmod(actions, 0o755);
  await chmod(file, 0o644);
  return actions;
}

/** Sends a request of the admin with a `Host` of its own, which `fetch` does not allow. */
async function postAs(host: string, hub: HubProcess, path: string, body: object) {
  const outgoing = request(new URL(path, hub.url), {
    method: 'POST',
    headers: { host, authorization: `Bearer ${hub.adminToken}`, 'content-type': 'application/json' },
    agent: false,
  });
  outgoing.end(JSON.stringify(body));
  const [answer] = await once(outgoing, 'response');
  const chunks: Buffer[] = await answer.toArray();
  return { status: answer.statusCode as number, text: Buffer.concat(chunks).toString() };
}

const untilActive = (bed: Bed, host = HOST) => bed.untilStatus(host, 'active');

describe.concurrent('enrolment', () => {
  it('adds a host that reports and runs tasks, with no more rights than each part needs', async () => {
    await using bed = await startEnrolledBed();
    const { asAdmin } = bed;
    const added = await bed.add({ host: HOST, label: 'game server', withTasks: true });
    expect(added).toMatchObject({ host: HOST, redis: { applied: true, users: [] } });
    expect(added.expiresAtMs - Date.now()).toBeGreaterThan(14 * 60_000);
    const installer = await (await bed.hub.get('/install.sh')).text();
    const sum = createHash('sha256').update(installer).digest('hex');
    expect(added.installerSha256).toBe(sum);
    expect(added.command).toBe(
      `curl -fsSLo booner-install.sh ${bed.hub.url}/install.sh && ` +
        `echo '${sum}  booner-install.sh' | sha256sum -c - && ` +
        `echo ${added.key} | sudo sh booner-install.sh --hub ${bed.hub.url} --key - --enable-tasks`,
    );
    expect((await asAdmin('GET', `/targets/${HOST}`)).json).toMatchObject({
      status: 'pending',
      label: 'game server',
    });

    const handed = await bed.enrolHost({ host: HOST, withTasks: true });
    expect(handed).toMatchObject({
      HOST_ID: HOST,
      REDIS_URL: bed.redis.url,
      AGENT_USERNAME: `booner-agent-${HOST}`,
      RUNNER_USERNAME: `booner-runner-${HOST}`,
      REDIS_CA_BASE64: '',
      HUB_VERSION: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
    await bed.startAgent(handed);
    await untilActive(bed);
    await bed.startRunner(handed, await writeActions(bed));
    await eventually(async () => (await asAdmin('GET', `/targets/${HOST}/actions`)).json.online, {
      what: 'the actions',
    });
    const { json } = await asAdmin('POST', '/tasks', { host: HOST, action: 'greet' });
    const task = () => asAdmin('GET', `/tasks/${json.task_id}`);
    await eventually(async () => (await task()).json.status === 'completed', {
      what: 'the task',
    });
    const log = await asAdmin('GET', `/tasks/${json.task_id}/log`);
    expect(log.json.lines).toMatchObject([{ text: 'hello' }]);

    // Redis refused no command.
    using operator = bed.connectOperator();
    expect(await operator.redis.call('ACL', 'LOG')).toEqual([]);
    const { entries } = (await asAdmin('GET', '/audit')).json;
    expect(entries.map(({ verb, target }: { verb: string; target: string }) => `${verb} ${target}`)).toEqual(
      expect.arrayContaining([`target.add ${HOST}`, `target.enrol ${HOST}`]),
    );
    // The issued credentials are stored and logged nowhere.
    const everything = JSON.stringify([entries, bed.hub.lines, await operator.redis.call('ACL', 'LIST')]);
    for (const name of ['AGENT_PASSWORD', 'RUNNER_PASSWORD']) expect(everything).not.toContain(handed[name]);
    expect(everything).not.toContain(added.key);
  });

  it('rejects a key from before the host was removed, or enrolled with another one', async () => {
    await using bed = await startEnrolledBed();
    const { key: lost } = await bed.add({ host: HOST });
    expect((await bed.asAdmin('DELETE', `/targets/${HOST}`)).status).toBe(200);
    expect((await bed.enrol(lost)).status).toBe(401);
    const { key: leaked } = await bed.add({ host: HOST, withTasks: true });
    const handed = await bed.enrolHost({ host: HOST });
    expect((await bed.enrol(leaked, ['agent', 'runner'])).status).toBe(401);
    const login = { username: handed.AGENT_USERNAME ?? '', password: handed.AGENT_PASSWORD ?? '' };
    expect(await bed.redisCli(login, 'PING')).toBe('PONG');
  });

  it('issues passwords that cannot be derived from the key alone, which stays in shell histories', async () => {
    await using bed = await startEnrolledBed();
    const { key } = await bed.add({ host: HOST });
    using operator = bed.connectOperator();
    const kept = async () =>
      Promise.all((await operator.redis.keys('booner:enrolment:*')).map((name) => operator.redis.get(name)));
    const [enrolment] = await kept();
    const { salt } = JSON.parse(enrolment ?? '{}');
    const { status, text } = await bed.enrol(key);
    expect([status, salt]).toEqual([200, expect.stringMatching(/^[\w-]{43}$/)]);
    const [, password] = /^AGENT_PASSWORD=(.*)$/m.exec(text) ?? [];
    const made = (of: string) => createHmac('sha256', key).update(of).digest('base64url');
    expect([made(`agent:${salt}`), made('agent')]).toEqual([
      password,
      expect.not.stringMatching(`^${password}$`),
    ]);
    expect(await kept()).toEqual([]); // the salt is gone with it
  });

  it('sends hosts and people to no address that a request made up', async () => {
    await using bed = await startEnrolledBed();
    const { key } = await bed.add({ host: HOST });
    for (const host of ['192.0.2.9:8000', "';id;'.localhost:8000"]) {
      for (const [path, body] of [
        ['/targets', { host: OTHER }],
        ['/auth/links', {}],
        ['/enrol', { key, roles: ['agent'] }],
      ] as const) {
        const { status, text } = await postAs(host, bed.hub, path, body);
        expect([path, status]).toEqual([path, 403]);
        expect(JSON.parse(text)).toMatchObject({
          title: 'Foreign Host',
          detail: expect.stringContaining('BOONER_PUBLIC_URL'),
        });
      }
    }
    expect((await bed.asAdmin('GET', `/targets/${OTHER}`)).status).toBe(404);
    expect((await bed.enrol(key)).status).toBe(200);
  });

  it('accepts a key once, and explains later refusals', async () => {
    await using bed = await startEnrolledBed();
    const { key } = await bed.add({ host: HOST });
    const withoutTasks = await bed.enrol(key, ['agent', 'runner']);
    expect(withoutTasks).toMatchObject({
      status: 403,
      text: expect.stringMatching(/"detail":"[^"]* was added without tasks/),
    });
    const answers = await Promise.all(Array.from({ length: 5 }, () => bed.enrol(key)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401, 401]);
    expect(answers.find(({ status }) => status === 401)?.text).toMatch(
      /"detail":"This key is unknown, was already used, /,
    );
    const asked = await ask(bed.hub, 'POST', '/enrol', {
      body: { key: `bne_${'A'.repeat(43)}`, roles: ['agent'] },
    });
    expect(asked).toMatchObject({ status: 401, json: { title: 'Invalid key' } });
    const malformed = await ask(bed.hub, 'POST', '/enrol', { body: { key: 'x', roles: ['root'] } });
    expect(malformed.json.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '/key',
      '/roles/0',
    ]);
    await eventually(async () => (await bed.enrol(key)).status === 429, {
      what: 'the limit',
    });
  });

  it('accepts what is valid from an address that others share and have failed from too often', async () => {
    await using bed = await startEnrolledBed();
    const { hub } = bed;
    const { key } = await bed.add({ host: HOST });
    const { ticket } = (await bed.asAdmin('POST', '/auth/tickets')).json;
    const guess = (seed: string) => ask(hub, 'GET', '/targets', { token: madeUp(seed) });
    const first = await Promise.all(Array.from({ length: 10 }, (_, n) => guess(`guess${n}`)));
    expect(first.map(({ status }) => status)).toEqual(first.map(() => 401));
    expect((await guess('one-too-many')).status).toBe(429);
    const wrong = { key: `bne_${'A'.repeat(43)}`, roles: ['agent'] };
    const refused = await ask(hub, 'POST', '/enrol', { body: wrong });
    expect([refused.status, Number(refused.headers.get('retry-after'))]).toEqual([429, expect.any(Number)]);

    expect((await bed.enrol(key)).status).toBe(200);
    const socket = new WebSocket(`${hub.wsUrl}/ws/system/status`, [V2_SUBPROTOCOL, ticket]);
    await once(socket, 'open');
    socket.terminate();
    expect((await bed.asAdmin('GET', '/targets')).status).toBe(200);
    await signIn(hub, hub.adminToken);
  });

  it('refuses an invalid host id, and callers who are not admins', async () => {
    await using bed = await startEnrolledBed();
    for (const host of ['*', 'a b', '../x', 'x'.repeat(300), '', 5, 'a\nb', '10.0.0.2*', '[ab]']) {
      const { status, json } = await bed.asAdmin('POST', '/targets', { host });
      expect([host, status, json.errors?.[0]?.pointer]).toEqual([host, 400, '/host']);
    }
    for (const host of ['*', 'a b', '../x', 'x'.repeat(300)]) {
      const { status } = await bed.asAdmin('DELETE', `/targets/${encodeURIComponent(host)}`);
      expect([host, status]).toEqual([host, 400]);
    }
    expect((await bed.asAdmin('DELETE', `/targets/${HOST}`)).status).toBe(404);
    const { token } = await makeToken(bed.hub, { name: 'desk', role: 'operator' });
    expect((await ask(bed.hub, 'POST', '/targets', { token, body: { host: HOST } })).status).toBe(403);
    expect((await ask(bed.hub, 'DELETE', `/targets/${HOST}`, { token })).status).toBe(403);
    expect((await ask(bed.hub, 'POST', '/targets', { body: { host: HOST } })).status).toBe(401);
    const scoped = await makeToken(bed.hub, { name: 'one host', role: 'admin', hosts: [OTHER] });
    const asScoped = { token: scoped.token };
    expect(
      (await ask(bed.hub, 'POST', '/targets', { ...asScoped, body: { host: HOST } })).json,
    ).toMatchObject({
      status: 403,
      title: 'Out of scope',
      errors: [{ pointer: '/host' }],
    });
    expect((await ask(bed.hub, 'POST', '/targets', { ...asScoped, body: { host: OTHER } })).status).toBe(201);
    await bed.add({ host: HOST });
    expect((await ask(bed.hub, 'DELETE', `/targets/${HOST}`, asScoped)).status).toBe(403);
    expect((await ask(bed.hub, 'DELETE', `/targets/${OTHER}`, asScoped)).status).toBe(200);
  });

  it('requires a Redis, and says how to set one up', async () => {
    await using hub = await startHub();
    for (const [method, path, body] of [
      ['POST', '/targets', { host: HOST }],
      ['DELETE', `/targets/${HOST}`, undefined],
      ['POST', '/enrol', { key: `bne_${'A'.repeat(43)}`, roles: ['agent'] }],
    ] as const) {
      const { status, json } = await ask(hub, method, path, body === undefined ? {} : { body });
      expect([path, status]).toEqual([path, 409]);
      expect(json.detail).toContain('REDIS_URL');
    }
  });

  it('works without an enroller with the commands that the hub shows', async () => {
    await using bed = await startEnrolledBed({ enroller: false });
    const added = await bed.add({ host: HOST, withTasks: true });
    expect(added.redis).toMatchObject({
      applied: false,
      users: [/^ACL SETUSER booner-agent-/, /^ACL SETUSER booner-runner-/].map((line) =>
        expect.stringMatching(line),
      ),
    });
    const paste = async (line: string) =>
      expect(await bed.redisCli(bed.operator, ...line.split(' '))).toMatch(/^(OK|[12])$/);
    for (const line of added.redis.users) await paste(line);
    const { text } = await bed.enrol(added.key, ['agent', 'runner']);
    const handed = Object.fromEntries(
      text
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/=(.*)/s, 2)),
    );
    const agent = await bed.startAgent(handed);
    await untilActive(bed);
    const removed = await bed.asAdmin('DELETE', `/targets/${HOST}`);
    expect(removed.json).toEqual({
      host: HOST,
      redis: { applied: false, lines: [`ACL DELUSER booner-agent-${HOST} booner-runner-${HOST}`] },
    });
    await paste(removed.json.redis.lines[0]);
    await agent.stop();
  });
});

describe.concurrent('removal', () => {
  it('ends the connections of a host, forgets it on every hub, and cancels its queued tasks', async () => {
    await using bed = await startEnrolledBed({ hubs: 2 });
    const [first, second] = bed.hubs as [Bed['hub'], Bed['hub']];
    const handed = await bed.enrolHost({ host: HOST, withTasks: true });
    const other = await bed.enrolHost({ host: OTHER });
    const agent = await bed.startAgent(handed);
    await bed.startAgent(other);
    const runner = await bed.startRunner(handed, await writeActions(bed));
    for (const hub of bed.hubs) for (const host of [HOST, OTHER]) await bed.untilStatus(host, 'active', hub);
    await eventually(async () => (await bed.asAdmin('GET', `/targets/${HOST}/actions`)).json.online, {
      what: 'the actions',
    });
    await runner.kill('SIGSTOP');
    const { json } = await bed.asAdmin('POST', '/tasks', { host: HOST, action: 'greet' });
    using client = await openStatusClient(second.url, {
      version: 2,
      headers: { authorization: `Bearer ${first.adminToken}` },
    });
    using operator = bed.connectOperator();
    const users = async () =>
      String(await operator.redis.client('LIST')).match(/user=booner-(agent|runner)-\S+/g) ?? [];
    expect(new Set(await users())).toContain(`user=booner-agent-${HOST}`);

    const removed = await bed.asAdmin('DELETE', `/targets/${HOST}`);
    expect(removed).toMatchObject({ status: 200, json: { host: HOST, redis: { applied: true, lines: [] } } });
    expect(new Set(await users())).toEqual(new Set([`user=booner-agent-${OTHER}`]));
    const login = { username: handed.AGENT_USERNAME ?? '', password: handed.AGENT_PASSWORD ?? '' };
    expect(await bed.redisCli(login, 'PING')).toContain('WRONGPASS');
    expect((await bed.asAdmin('GET', `/targets/${HOST}`)).status).toBe(404);
    await eventually(
      () =>
        client.received.some(
          ({ message }) => message.type === 'patch' && message.removedHosts.includes(HOST as never),
        ),
      { what: 'the clients of the other hub to be notified' },
    );
    expect((await bed.asAdmin('GET', `/targets/${HOST}`, undefined, second)).status).toBe(404);
    expect((await bed.asAdmin('GET', `/tasks/${json.task_id}`)).json.status).toBe('cancelled');
    expect((await bed.asAdmin('DELETE', `/targets/${HOST}`)).status).toBe(404);

    // The agent keeps trying without success. Only a new key brings the host back.
    await eventually(() => agent.logs().length > 0 && !agent.hasExited(), {
      what: 'the agent',
    });
    await eventually(async () => (await operator.redis.hexists('booner:targets', HOST)) === 0, {
      what: 'no registration',
    });
    const again = await bed.enrolHost({ host: HOST });
    await agent.stop();
    await bed.startAgent(again);
    await untilActive(bed);
  });
});

describe.concurrent('after a restart of Redis', () => {
  it.each([
    ['with a file of users', { users: 'file', redis: { appendonly: true } }],
    ['without one', { users: 'configuration', redis: { appendonly: true } }],
    ['that came back empty', { users: 'configuration' }],
  ] as const)('%s, the users of hosts are there', async (_, options) => {
    await using bed = await startEnrolledBed(options);
    const handed = await bed.enrolHost({ host: HOST });
    const removed = await bed.enrolHost({ host: OTHER });
    await bed.startAgent(handed);
    await untilActive(bed);
    await bed.asAdmin('DELETE', `/targets/${OTHER}`);
    await bed.redis.kill('SIGKILL');
    await bed.redis.restart();
    const ping = (of: typeof handed) =>
      bed.redisCli({ username: of.AGENT_USERNAME ?? '', password: of.AGENT_PASSWORD ?? '' }, 'PING');
    await eventually(async () => (await ping(handed)) === 'PONG', {
      what: 'the user of the host',
    });
    expect(await ping(removed)).toContain('WRONGPASS');
    // A read-only view still shows what the agent wrote earlier, so wait until it writes again.
    const heardAtMs = async () => (await bed.asAdmin('GET', `/targets/${HOST}`)).json?.lastSeenAtMs ?? 0;
    if ('redis' in options) {
      const before = await heardAtMs();
      await eventually(async () => (await heardAtMs()) > before, {
        what: 'the host to report again',
      });
      await untilActive(bed);
      return;
    }
    // All tokens were lost, too, so the operator reads Redis.
    await eventually(
      async () => {
        using operator = bed.connectOperator();
        return (await operator.redis.hexists(`booner:target:${HOST}`, 'sample')) === 1;
      },
      { what: 'the agent to report again' },
    );
  });
});
