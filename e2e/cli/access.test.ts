import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  AddedTarget,
  AuditEntry,
  AuditPage,
  AuthState,
  CreatedToken,
  TokenList,
} from '@booner/protocol';
import { eventually, startHub, startRedis } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { boonerFor } from './booner.ts';

const UNKNOWN_TOKEN = `bnr_${'A'.repeat(43)}`;

describe('the command line and a hub with authentication', () => {
  it('signs in, creates and revokes tokens, adds hosts, and reads the audit log', async () => {
    await using redis = await startRedis();
    await using hub = await startHub({ redisUrl: redis.url, auth: 'first' });
    await using booner = await boonerFor(null);
    const config = join(booner.configDirectory, 'booner/config.json');

    const nobody = await booner.run(['status', '--hub', hub.url]);
    expect(nobody).toMatchObject({ code: 4, stderr: expect.stringContaining('booner login') });
    const typing = booner.start(['login', '--hub', hub.url], { inTerminal: true });
    await eventually(() => typing.stdout().includes('Token for'), { what: 'the prompt' });
    typing.write(`${UNKNOWN_TOKEN}\r`);
    const typed = await typing.ended;
    expect(typed.code).not.toBe(0);
    expect(typed.stdout).not.toContain(UNKNOWN_TOKEN.slice(0, 10)); // not echoed
    await expect(stat(config)).rejects.toThrow('ENOENT');

    const login = await booner.run(['login', '--hub', hub.url], { input: `${hub.adminToken}\n` });
    expect(login).toMatchObject({ code: 0, stdout: expect.stringMatching(/admin, may run everything/) });
    expect((await stat(config)).mode & 0o777).toBe(0o600);
    expect(login.stdout + login.stderr).not.toContain(hub.adminToken);
    expect((await booner.json<AuthState>(['whoami'])).signedIn).toMatchObject({ role: 'admin' });
    expect(await booner.json(['status'])).toMatchObject({ type: 'snapshot' });

    // A profile's token is only sent to the profile's hub.
    await using other = await startHub({ auth: 'first' });
    expect((await booner.run(['status', '--hub', other.url])).code).toBe(4);

    const create = [
      'token',
      'create',
      'ci',
      '--role',
      'operator',
      '--target',
      '10.0.0.2',
      '--action',
      'deploy',
    ];
    const token = await booner.json<CreatedToken>([...create, '--expires', '30d']);
    expect(token).toMatchObject({ role: 'operator', scopes: { hosts: ['10.0.0.2'], actions: ['deploy'] } });
    const asCi = { env: { BOONER_TOKEN: token.token } };
    expect((await booner.json<AuthState>(['whoami'], asCi)).signedIn).toMatchObject({
      subject: 'ci',
      role: 'operator',
    });
    expect((await booner.run(['token', 'list'], asCi)).code).toBe(4);
    const foreign = await booner.run(['run', '10.0.0.3', 'deploy'], asCi);
    expect(foreign.code).toBe(4);

    const tokenFile = join(booner.configDirectory, 'token');
    await writeFile(tokenFile, `${token.token}\n`, { mode: 0o600 });
    expect((await booner.run(['whoami', '--token-file', tokenFile])).stdout).toMatch(
      /^ci: operator, may run deploy on 10\.0\.0\.2/,
    );
    const wall = await booner.json<CreatedToken>(['token', 'create', 'wall', '--role', 'viewer']);
    expect((await booner.run(['whoami'], { env: { BOONER_TOKEN: wall.token } })).stdout).toMatch(
      /^wall: viewer, read only, expires/,
    );

    const { tokens } = await booner.json<TokenList>(['token', 'list']);
    expect(tokens.find(({ id }) => id === token.id)).toMatchObject({ name: 'ci', kind: 'token' });
    expect((await booner.run(['token', 'list'])).stdout).toMatch(/^ID +KIND +NAME +ROLE/);
    const link = await booner.json<{ url: string }>(['token', 'link', '--role', 'viewer']);
    expect(link.url).toMatch(/#link=bnr_[\w-]{43}$/);

    const doctor = await booner.json<{ findings: { check: string; status: string; detail: string }[] }>(
      ['doctor'],
      { code: 0 },
    );
    expect(doctor.findings.find(({ check }) => check === 'hub.access')).toMatchObject({ status: 'ok' });
    expect(
      doctor.findings.filter(({ check }) => check.startsWith('hub.websocket')).map(({ status }) => status),
    ).toEqual(['ok', 'ok']);

    expect(await booner.json(['token', 'revoke', token.id])).toEqual({ revoked: [token.id] });
    const over = await booner.json<{ findings: { check: string; status: string; mend: string }[] }>(
      ['doctor'],
      { ...asCi, code: 6 },
    );
    expect(over.findings.filter(({ status }) => status === 'fail')).toMatchObject([
      { check: 'hub.access', mend: expect.stringContaining('booner login') },
    ]);
    expect((await booner.run(['token', 'revoke', token.id])).code).toBe(5);

    const added = await booner.json<AddedTarget>([
      'target',
      'add',
      '10.0.0.2',
      '--label',
      'game server',
      '--enable-tasks',
    ]);
    expect(added.command).toMatch(/^curl .*install\.sh.* && echo bne_[\w-]{43} \| sudo sh /);
    const shown = await booner.run(['target', 'add', '10.0.0.3']);
    // Exactly one line, so that it can be piped.
    expect(shown.stdout).toMatch(/^curl [^\n]*echo bne_[\w-]{43} \|[^\n]*\n$/);
    expect((await booner.run(['target', 'add', 'a b'])).code).toBe(2);
    expect((await booner.run(['target', 'remove', '10.9.9.9'])).code).toBe(5);

    const { entries } = await booner.json<AuditPage>(['audit']);
    const verbs = entries.map(({ verb, verdict }) => `${verb} ${verdict}`);
    expect(verbs).toEqual(
      expect.arrayContaining(['token.create allowed', 'token.revoke allowed', 'target.add allowed']),
    );
    expect((await booner.run(['audit'])).stdout).toMatch(/token\.create/);

    expect((await booner.run(['logout'])).code).toBe(0);
    expect(await readFile(config, 'utf8')).not.toContain('bnr_');
    expect((await booner.run(['status'])).code).toBe(4);
  });

  it('follows the audit log, and misses nothing while the hub restarts', async () => {
    await using redis = await startRedis();
    await using hub = await startHub({ redisUrl: redis.url, auth: 'first' });
    await using booner = await boonerFor(hub.url);
    const env = { BOONER_TOKEN: hub.adminToken };
    const ids: string[] = [];
    const create = async (name: string) => {
      ids.push((await booner.json<CreatedToken>(['token', 'create', name], { env })).id);
    };
    await create('one');
    const following = booner.start(['audit', '--follow', '--json', '-n', '1'], { env });
    const reading = booner.start(['audit', '--follow', '-n', '1'], { env });
    const seen = () =>
      following
        .stdout()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => (JSON.parse(line) as AuditEntry).target);
    await eventually(() => seen().length === 1 && reading.stdout() !== '', { what: 'the first entry' });
    await create('two');
    await eventually(() => seen().length === 2, { what: 'the second entry' });
    await hub.stop();
    await eventually(() => following.stderr() !== '', { what: 'the outage to be noticed' });
    await hub.restart();
    await create('three');
    await create('four');
    await eventually(() => seen().length === 4, { what: 'all entries' });
    expect(seen()).toEqual(ids);
    expect(following.stderr()).toMatch(/^the hub .*: retrying\n$/);
    const shownLines = () => reading.stdout().trimEnd().split('\n');
    await eventually(() => shownLines().length === 4, { what: 'all entries to be shown' });
    for (const each of [following, reading]) {
      each.kill('SIGINT');
      expect((await each.ended).code).toBe(0);
    }
    const shown = shownLines();
    expect(shown.length).toBe(4);
    for (const [index, id] of ids.entries()) {
      expect(shown[index]).toMatch(/^\S+ \S+ {2}[\w-]{12} first admin {2}127\.0\.0\.1 {2}token\.create {2}/);
      expect(shown[index]).toContain(id);
    }
    expect((await booner.run(['audit', '--follow', '--before', '1-1'], { env })).code).toBe(2);
  });
});
