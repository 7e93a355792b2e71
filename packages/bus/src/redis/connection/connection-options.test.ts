import { expect, it } from 'vitest';
import { connectionOptions } from './connection-options.ts';

it('lets settings override the credentials of the URL', () => {
  const options = connectionOptions({ url: 'redis://a:b@h/2', username: 'agent', password: 'secret' });
  expect(options).toMatchObject({ host: 'h', port: 6379, db: 2, username: 'agent', password: 'secret' });
});

it('asks the Sentinels for the master, with credentials of their own', () => {
  const options = connectionOptions({ url: 'rediss+sentinel://a:b@h1,h2/fleet', sentinelPassword: 'other' });
  expect(options).toMatchObject({
    name: 'fleet',
    sentinels: [{ host: 'h1' }, { host: 'h2' }],
    username: 'a',
    sentinelPassword: 'other',
    enableTLSForSentinelMode: true,
  });
  expect(options.host).toBeUndefined();
});

it.each([
  [{ url: 'redis://agent@h' }, 'bad_url', 'the password of the user "agent" is missing'],
  [{ url: 'redis://h', ca: 'x' }, 'bad_url', 'start the URL with rediss'],
  [{ url: 'rediss://h', ca: 'x' }, 'bad_certificate', 'not a certificate in PEM'],
])('refuses %o', (settings, code, message) => {
  const refusal = expect.objectContaining({ code, message: expect.stringContaining(message) });
  expect(() => connectionOptions(settings)).toThrow(refusal);
});
