import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sha256 } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import { HOST } from '../../testing/contract/sample-factory.ts';
import { agentRules, runnerRules } from './host-users.ts';
import { enrollerRules, hubRules } from './hub-users.ts';
import { aclFileLine, setUserLine } from './redis-user.ts';

const ROOT = join(import.meta.dirname, '../../../../..');
const linesOf = async (file: string) =>
  (await readFile(join(ROOT, file), 'utf8')).split('\n').map((line) => line.trim());
/** In the place of a hash. */
const placeholder = (text: string) => text as Sha256;

describe('the users that the documentation has', () => {
  it.each(['docs/redis.md', 'deploy/docker/redis-users.acl'])('are those of hubs: %s', async (file) => {
    const lines = await linesOf(file);
    expect(lines).toContain(aclFileLine(hubRules(placeholder('HUB_SHA256'))));
    expect(lines).toContain(aclFileLine(enrollerRules(placeholder('ENROLLER_SHA256'))));
    // With its rights, lest Redis 7.0 drops transactions when it reads its append-only file.
    expect(lines).toContain('user default off ~* &* +@all');
  });

  it('are those of hosts', async () => {
    const lines = await linesOf('docs/redis.md');
    expect(lines).toContain(setUserLine(agentRules(HOST, placeholder('SHA256'))));
    expect(lines).toContain(setUserLine(runnerRules(HOST, placeholder('SHA256'))));
  });
});

describe('a host id', () => {
  it('holds nothing that is special in a pattern or ends an argument', async () => {
    const { parseHostId } = await import('@booner/protocol');
    for (let code = 0; code <= 0x7f; code += 1) {
      const character = String.fromCharCode(code);
      const isPlain = /[a-z0-9_.:-]/i.test(character);
      for (const text of [character, `a${character}`, `a${character}b`, `1:${character}:1`]) {
        if (!isPlain) expect([text, parseHostId(text)]).toEqual([text, null]);
      }
    }
    expect(parseHostId('a\u212Ab')).not.toBe('a\u212Ab'); // the Kelvin sign in lower case is a k
  });
});
