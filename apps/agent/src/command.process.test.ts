import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sampleSchema } from '@booner/protocol';
import { eventually, type RunningProcess, startRedis } from '@booner/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import {
  type AgentProcessOptions,
  outputOf,
  startAgentProcess,
  startListening,
} from './testing/test-agent.ts';

const PASSWORD = 'correct-horse-battery';
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'booner-agent-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function fileWith(text: string): Promise<string> {
  const path = join(directory, `file-${crypto.randomUUID()}`);
  await writeFile(path, text);
  return path;
}

async function runToEnd(options: AgentProcessOptions) {
  await using agent = await startAgentProcess(options);
  const { code } = await agent.exited;
  return { code, stdout: agent.lines.stdout.join('\n'), stderr: agent.lines.stderr.join('\n') };
}

describe('booner-agent --once', () => {
  it('prints one sample with true rates, without Redis', async () => {
    const { code, stdout, stderr } = await runToEnd({
      args: ['--once'],
      env: { BOONER_HOST_ID: '10.0.0.7' },
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const sample = sampleSchema.parse(JSON.parse(stdout));
    expect(stdout.split('\n').length).toBeGreaterThan(50); // indented
    expect(sample).toMatchObject({ type: 'sample', host: '10.0.0.7', sequence: 1, inventoryTakenAtMs: null });
    expect(sample.unavailable).toEqual({});
    expect(sample.cpu?.cores.length).toBeGreaterThan(0);
    expect(sample.disks).not.toBeNull();
    expect(sample.network).not.toBeNull();
  });

  it('names the host by its own name when none is given', async () => {
    const { stdout } = await runToEnd({ args: ['--once'] });
    expect(sampleSchema.parse(JSON.parse(stdout)).host).toMatch(/^[a-z0-9]/);
  });
});

describe('the command line', () => {
  it('answers --help and --version', async () => {
    const help = await runToEnd({ args: ['--help'] });
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toMatch(/--interval-ms \.\.\. +BOONER_INTERVAL_MS .*\(default 3000\)/);
    expect(help.stdout).toMatch(/--once/);
    expect(await runToEnd({ args: ['--version'] })).toEqual({
      code: 0,
      stdout: `booner-agent ${manifest.version}`,
      stderr: '',
    });
  });

  it('ends with 78 and names every problem at once', async () => {
    const { code, stdout, stderr } = await runToEnd({
      args: ['--interval-ms', '100', '--nope', '--host-id', 'a b'],
      env: {
        BOONER_LABEL: 'x'.repeat(201),
        BOONER_LABELS: 'role=db,Env=prod',
        BOONER_LOG_LEVEL: 'loud',
        REDIS_PASSWORD_FILE: join(directory, 'absent'),
        REDIS_CA_FILE: await fileWith('no certificate'),
      },
    });
    expect({ code, stdout }).toEqual({ code: 78, stdout: '' });
    expect(stderr).toMatch(/--nope: unknown flag/);
    expect(stderr).toMatch(/BOONER_INTERVAL_MS: must be a whole number from 500 to 3600000, not "100"/);
    expect(stderr).toMatch(/BOONER_HOST_ID: must be an IP address or a host name/);
    expect(stderr).toMatch(/BOONER_LABELS: "Env" must be a label key: .* \(at character 9\)/);
    expect(stderr).toMatch(/BOONER_LABEL: must have at most 200 characters, not 201/);
    expect(stderr).toMatch(/BOONER_LOG_LEVEL: must be one of/);
    expect(stderr).toMatch(/REDIS_PASSWORD_FILE: .*absent cannot be read \(ENOENT\)/);
    expect(stderr).toMatch(/REDIS_CA_FILE: .* holds no certificate in PEM/);
    expect(stderr).toMatch(/REDIS_URL: is missing/);
  });

  it.each([
    [
      'a URL that is none',
      { REDIS_URL: `http://:${PASSWORD}@10.0.0.1` },
      /REDIS_URL: .*the scheme is "http"/,
    ],
    [
      'a user without a password',
      { REDIS_URL: 'redis://127.0.0.1', REDIS_USERNAME: 'agent' },
      /password .* missing/,
    ],
  ])('refuses %s with 78', async (_, env, words) => {
    const { code, stdout, stderr } = await runToEnd({ env: { ...env, BOONER_HOST_ID: 'web-1' } });
    expect({ code, stdout }).toEqual({ code: 78, stdout: '' });
    expect(stderr).toMatch(words);
    expect(stderr).not.toContain(PASSWORD);
  });
});

describe('the password', () => {
  it('is refused in an argument, without being repeated', async () => {
    const { code, stdout, stderr } = await runToEnd({
      args: ['--redis-url', `redis://:${PASSWORD}@127.0.0.1`],
    });
    expect({ code, stdout }).toEqual({ code: 78, stdout: '' });
    expect(stderr).toMatch(/--redis-url: holds a password.*REDIS_PASSWORD_FILE/);
    expect(stderr).not.toContain(PASSWORD);
  });

  const acl = `user default off\nuser hub on >${PASSWORD} ~* &* +@all\nuser agent on >${PASSWORD} ~* &* +@all\n`;
  const withHub = (url: string) => url.replace('://', `://hub:${PASSWORD}@`);
  const say = (agent: RunningProcess, words: string) =>
    eventually(() => outputOf(agent).includes(words), { what: words });

  it('comes from a file and is never printed', async () => {
    await using redis = await startRedis({ acl });
    await using listening = await startListening(withHub(redis.url));
    const settings = { REDIS_URL: redis.url, BOONER_LOG_LEVEL: 'trace', BOONER_INTERVAL_MS: '500' };
    await using agent = await startAgentProcess({
      env: { ...settings, REDIS_USERNAME: 'agent', REDIS_PASSWORD_FILE: await fileWith(`${PASSWORD}\n`) },
    });
    await eventually(() => listening.received.samples.length > 0, { what: 'a sample' });
    await say(agent, 'first sample published');
    expect(outputOf(agent)).not.toContain(PASSWORD);
  });

  it('in the URL of the environment works as well, and is never printed', async () => {
    await using redis = await startRedis({ acl });
    const url = redis.url.replace('://', `://agent:${PASSWORD}@`);
    await using agent = await startAgentProcess({ env: { REDIS_URL: url, BOONER_LOG_LEVEL: 'trace' } });
    await say(agent, 'first sample published');
    expect(outputOf(agent)).toContain('agent:[redacted]@');
    expect(outputOf(agent)).not.toContain(PASSWORD);
  });

  it('is not printed when it is wrong', async () => {
    await using redis = await startRedis({ acl });
    const url = redis.url.replace('://', '://agent:wrong-horse@');
    await using agent = await startAgentProcess({ env: { REDIS_URL: url, BOONER_LOG_LEVEL: 'trace' } });
    await say(agent, 'WRONGPASS');
    expect(outputOf(agent)).not.toContain('wrong-horse');
  });
});
