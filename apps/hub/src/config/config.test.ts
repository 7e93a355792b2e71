import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@booner/service';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type HubConfig, readHubConfig } from './config.ts';

const read = (env: Record<string, string>, argv: string[] = []) => readHubConfig({ env, argv }) as HubConfig;
function issuesOf(env: Record<string, string>, argv: string[] = []): string {
  try {
    read(env, argv);
  } catch (error) {
    if (error instanceof ConfigError) return error.issues.join('\n');
    throw error;
  }
  return '';
}

describe('the configuration of a hub', () => {
  it('has the documented defaults', () => {
    expect(read({})).toMatchObject({
      host: '127.0.0.1',
      port: 8000,
      redis: null,
      intervalMs: 3000,
      hostId: '127.0.0.1',
    });
  });

  it('reports all issues at once', () => {
    const issues = issuesOf({
      PORT: 'x',
      BOONER_INTERVAL_MS: '1',
      BOONER_HOST_ID: '*',
      BOONER_ALLOWED_ORIGINS: 'a.example',
    });
    for (const name of ['PORT', 'BOONER_INTERVAL_MS', 'BOONER_HOST_ID', 'BOONER_ALLOWED_ORIGINS']) {
      expect(issues).toContain(`${name}: must`);
    }
  });

  it('rejects a folder without a built dashboard', () => {
    expect(issuesOf({ BOONER_DASHBOARD_DIR: '/nowhere/at/all' })).toMatch(
      /BOONER_DASHBOARD_DIR: \/nowhere\/at\/all does not contain a built dashboard/,
    );
    expect(read({}).dashboardDirectory).toMatch(/\/apps\/dashboard\/dist$/);
  });

  it('requires sign-in if others can reach the hub, unless it is disabled', () => {
    const isRequired = (env: Record<string, string>, argv: string[] = []) => read(env, argv).authRequired;
    expect(isRequired({})).toBe(false);
    expect(isRequired({ HOST: '0.0.0.0' })).toBe(true);
    expect(isRequired({ HOST: '::' })).toBe(true);
    expect(isRequired({ BOONER_PUBLIC_URL: 'https://hub.example.org' })).toBe(true);
    expect(isRequired({ BOONER_TRUSTED_PROXIES: '127.0.0.1' })).toBe(true);
    expect(isRequired({ BOONER_AUTH: 'required' })).toBe(true);
    expect(isRequired({ HOST: '0.0.0.0' }, ['--insecure'])).toBe(false);
    expect(issuesOf({ BOONER_AUTH: 'required' }, ['--insecure'])).toMatch(/BOONER_AUTH: .*--insecure/);
    expect(issuesOf({ BOONER_AUTH: 'never' })).toMatch(/BOONER_AUTH: must be one of auto, required/);
  });

  it('accepts the URL of an Ollama server without a password', () => {
    expect(read({}).ollamaUrl).toBeNull();
    expect(read({}, ['--ollama-url', 'http://127.0.0.1:11434']).ollamaUrl?.href).toBe(
      'http://127.0.0.1:11434/',
    );
    for (const url of ['127.0.0.1:11434', 'ftp://a', 'http://a?b', 'nonsense']) {
      expect(issuesOf({ BOONER_OLLAMA_URL: url })).toMatch(/BOONER_OLLAMA_URL: must be the URL/);
    }
    const issues = issuesOf({ BOONER_OLLAMA_URL: 'http://u:hunter2@a' });
    expect(issues).toMatch(/BOONER_OLLAMA_URL: must not contain a user or a password/);
    expect(issues).not.toContain('hunter2');
  });

  it('accepts that no URL of Redis works on hosts', () => {
    const redis = { REDIS_URL: 'redis://redis:6379' };
    expect(read(redis)).toMatchObject({ agentRedisUrl: null, hostsReachRedis: true });
    expect(read({ ...redis, BOONER_AGENT_REDIS_URL: 'none' })).toMatchObject({
      agentRedisUrl: null,
      hostsReachRedis: false,
    });
    expect(read({ ...redis, BOONER_AGENT_REDIS_URL: 'redis://10.0.0.1' })).toMatchObject({
      agentRedisUrl: 'redis://10.0.0.1',
      hostsReachRedis: true,
    });
    expect(issuesOf({ ...redis, BOONER_AGENT_REDIS_URL: 'redis://u:hunter2@a' })).toMatch(
      /BOONER_AGENT_REDIS_URL: must not contain a user or a password/,
    );
  });

  it('requires sign-in if the hub holds a password or its Redis is on another machine, even on loopback', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'booner-config-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const file = join(directory, 'password');
    await writeFile(file, 'hunter2');
    const desk = { REDIS_URL: 'redis://127.0.0.1:6379' };
    const held: Record<string, string>[] = [
      { REDIS_URL: 'redis://:hunter2@127.0.0.1' },
      { REDIS_URL: 'redis://hub:hunter2@localhost' },
      { ...desk, REDIS_PASSWORD_FILE: file },
      { ...desk, REDIS_USERNAME: 'hub', REDIS_PASSWORD_FILE: file },
      { ...desk, BOONER_ENROLLER_USERNAME: 'enroller', BOONER_ENROLLER_PASSWORD_FILE: file },
    ];
    const elsewhere: Record<string, string>[] = [
      { REDIS_URL: 'redis://10.0.0.1' },
      { REDIS_URL: 'rediss://redis.example.org' },
      { REDIS_URL: 'redis+sentinel://127.0.0.1/main' }, // its master may be anywhere
    ];
    for (const env of [desk, { REDIS_URL: 'redis://[::1]/3' }, { REDIS_URL: 'rediss://localhost' }]) {
      expect([env, read(env).authRequired]).toEqual([env, false]);
    }
    for (const env of [...held, ...elsewhere]) {
      expect([env, read(env).authRequired]).toEqual([env, true]);
      expect([env, read({ ...env, BOONER_AUTH: 'auto' }).authRequired]).toEqual([env, true]);
    }
    for (const env of held) {
      const issues = issuesOf(env, ['--insecure']);
      expect(issues).toMatch(/BOONER_INSECURE: cannot be used with .*Remove --insecure/s);
      expect(issues).not.toContain('hunter2');
    }
    for (const env of elsewhere) expect(read(env, ['--insecure']).authRequired).toBe(false);
  });

  it('rejects a password among the arguments, and does not repeat it', () => {
    for (const argv of [
      ['--redis-url', 'redis://:hunter2@127.0.0.1'],
      ['--redis-url=redis://u:hunter2@127.0.0.1'],
    ]) {
      const issues = issuesOf({}, argv);
      expect(issues).toMatch(/--redis-url: holds a password/);
      expect(issues).not.toContain('hunter2');
    }
    expect(read({}, ['--redis-url', 'redis://127.0.0.1:6379']).redis?.url.reveal()).toBe(
      'redis://127.0.0.1:6379',
    );
  });
});
