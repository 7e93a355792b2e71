import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProcess } from '@booner/testkit';
import { expect, it } from 'vitest';
import { startEnrolledBed } from './enrolled-bed.ts';

const HOST = '127.0.0.2';
const DOCUMENT = join(import.meta.dirname, '../../docs/redis.md');

/** The first block of a language in a section of docs/redis.md. */
async function documented(section: string, language: string): Promise<string> {
  const [, text = ''] = (await readFile(DOCUMENT, 'utf8')).split(`## ${section}\n`);
  const [, block = ''] = text.split(`\n\`\`\`${language}\n`);
  return block.split('\n```')[0] ?? '';
}

it('the commands of docs/redis.md make a Redis with TLS that hubs and enrolled hosts trust', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'booner-redis-tls-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const here = (text: string) => text.replaceAll('/etc/redis', folder);
  const commands = here(await documented('TLS with your own certificate authority', 'sh'));
  expect(commands).toContain('openssl x509 -req');
  await using shell = await startProcess({ command: 'sh', args: ['-euc', commands] });
  expect([await shell.exited, shell.lines.stderr]).toMatchObject([{ code: 0 }, expect.anything()]);

  const settings = here(await documented('TLS with your own certificate authority', 'conf'));
  const settingOf = (name: string) => settings.match(new RegExp(`^${name} (.*)$`, 'm'))?.[1] ?? '';
  expect(settingOf('tls-auth-clients')).toBe('no');
  expect(settingOf('port')).toBe('0');
  const tls = {
    ca: await readFile(settingOf('tls-ca-cert-file'), 'utf8'),
    caFile: settingOf('tls-ca-cert-file'),
    certificateFile: settingOf('tls-cert-file'),
    keyFile: settingOf('tls-key-file'),
  };
  await using bed = await startEnrolledBed({ redis: { tls } });
  const handed = await bed.enrolHost({ host: HOST });
  expect(handed.REDIS_URL).toBe(bed.redis.url);
  expect(bed.redis.url).toMatch(/^rediss:/);
  const ca = Buffer.from(handed.REDIS_CA_BASE64 ?? '', 'base64').toString();
  expect(new X509Certificate(ca).fingerprint256).toBe(new X509Certificate(tls.ca).fingerprint256);
  await bed.startAgent(handed);
  await bed.untilStatus(HOST, 'active');
});
