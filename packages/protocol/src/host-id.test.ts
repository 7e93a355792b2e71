import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOST_ID_PATTERN, MAX_HOST_ID_CHARACTERS, parseHostId } from './host-id.ts';
import { hostIdSchema } from './host-id-schema.ts';
import { hostOfMetricsChannel, hostOfTargetKey, metricsChannel, targetKey } from './redis-names.ts';

describe('a host id', () => {
  it.each([
    '10.0.0.2',
    '127.0.0.1',
    'web-1',
    'web-1.example.org',
    'db_2',
    '::1',
    'fe80::1',
    '2001:db8::8a2e:370:7334',
    '::ffff:10.0.0.2',
  ])('is %s', (text) => {
    expect(parseHostId(text)).toBe(text);
    expect(text).toMatch(new RegExp(HOST_ID_PATTERN));
  });

  it('is every text of the documented pattern', () => {
    fc.assert(
      fc.property(fc.stringMatching(new RegExp(HOST_ID_PATTERN)), (text) => {
        fc.pre(text.length <= MAX_HOST_ID_CHARACTERS);
        expect(parseHostId(text)).toBe(text);
      }),
    );
  });

  it.each([
    '',
    '*',
    'a b',
    '../x',
    'a/b',
    'a:b:',
    'a\n',
    '-a',
    'a-',
    'a..b',
    'é',
    '[::1]',
    'a'.repeat(300),
    'x?',
    'a,b',
  ])('is not %j', (text) => {
    expect(parseHostId(text)).toBeNull();
    expect(text.length <= MAX_HOST_ID_CHARACTERS && new RegExp(HOST_ID_PATTERN).test(text)).toBe(false);
  });

  it('is lower case: another spelling of a name is the same host, but not the same key', () => {
    expect(parseHostId('WEB-1')).toBe('web-1');
    expect(hostIdSchema.safeParse('WEB-1').success).toBe(false);
    expect(hostOfMetricsChannel('booner:metrics:WEB-1')).toBeNull();
  });

  it('is found again in the names made from it', () => {
    const host = hostIdSchema.parse('2001:db8::1');
    expect(hostOfMetricsChannel(metricsChannel(host))).toBe(host);
    expect(hostOfTargetKey(targetKey(host))).toBe(host);
    expect(hostOfTargetKey(metricsChannel(host))).toBeNull();
  });
});
