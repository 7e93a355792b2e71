import { parseHostId } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import { agentRedisUrl } from './agent-redis-url.ts';
import { credentialsText } from './credentials-text.ts';
import { hostPassword } from './host-passwords.ts';

describe('the password of a host', () => {
  it('is HMAC-SHA256 of the role and the salt under the key, as openssl computes it', () => {
    // printf agent:BBBB… | openssl dgst -sha256 -hmac bne_AAAA… -binary | basenc --base64url
    const source = { key: `bne_${'A'.repeat(43)}`, salt: 'B'.repeat(43) };
    expect(hostPassword(source, 'agent')).toBe('q1Vk2HikdgzVohsWU9LFG6u55Yx82uu8n3wkLMn5Ji8');
    expect(hostPassword(source, 'runner')).not.toBe(hostPassword(source, 'agent'));
    expect(hostPassword({ ...source, salt: 'C'.repeat(43) }, 'agent')).not.toBe(
      hostPassword(source, 'agent'),
    );
    expect(hostPassword(source, 'agent')).toMatch(/^[\w-]{43}$/);
  });
});

describe('the URL of Redis for hosts', () => {
  it.each([
    ['redis://127.0.0.1:6379', '10.0.0.1', 'redis://10.0.0.1:6379'],
    ['redis://localhost', 'hub.example.org', 'redis://hub.example.org:6379'],
    ['redis://[::1]:7000/2', '[fd00::1]', 'redis://[fd00::1]:7000/2'],
    ['rediss://user:secret@10.0.0.5:6380/1', '10.0.0.1', 'rediss://10.0.0.5:6380/1'],
    ['redis://[fd00::5]:6379', '10.0.0.1', 'redis://[fd00::5]:6379'],
    [
      'redis+sentinel://:secret@127.0.0.1,10.0.0.6:26380/my%20master/3',
      '10.0.0.1',
      'redis+sentinel://10.0.0.1:26379,10.0.0.6:26380/my%20master/3',
    ],
  ])('%s of a hub with the name %s is %s', (url, hubName, expected) => {
    expect(agentRedisUrl(url, hubName)).toBe(expected);
  });
});

describe('the credentials of a host as text', () => {
  it('have one line per value, whatever the label contains', () => {
    const text = credentialsText({
      host: parseHostId('10.0.0.2')!,
      label: 'web\nREDIS_URL=redis://evil "$(id)" ä',
      hubVersion: '0.1.0',
      redis: { url: 'redis://10.0.0.1:6379', ca: null, users: { agent: { username: 'a', password: 'p' } } },
    });
    expect(text.split('\n').map((line) => line.split('=', 1)[0])).toEqual([
      ...[
        'HOST_ID',
        'LABEL_BASE64',
        'HUB_VERSION',
        'REDIS_URL',
        'REDIS_CA_BASE64',
        'AGENT_USERNAME',
        'AGENT_PASSWORD',
      ],
      '',
    ]);
    const [, label = ''] = /LABEL_BASE64=(.*)/.exec(text) ?? [];
    expect(Buffer.from(label, 'base64').toString()).toContain('"$(id)" ä');
  });
});
