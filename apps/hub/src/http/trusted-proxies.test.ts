import { describe, expect, it } from 'vitest';
import { parseTrustedProxies } from './trusted-proxies.ts';

describe('a list of trusted proxies', () => {
  const proxies = parseTrustedProxies('127.0.0.1, 10.1.0.0/16,fd00::/8 , ::1');

  it.each(['127.0.0.1', '10.1.0.0', '10.1.255.255', '::ffff:10.1.0.1', 'fd12::3', '::1'])(
    'holds %s',
    (address) => expect(proxies.has(address)).toBe(true),
  );

  it.each(['127.0.0.2', '10.2.0.0', 'fe80::1', '::2', '::ffff:10.2.0.1', '', 'localhost'])(
    'does not hold %j',
    (address) => expect(proxies.has(address)).toBe(false),
  );

  it('may be empty, and holds nobody then', () => {
    expect(parseTrustedProxies('').isEmpty).toBe(true);
    expect(parseTrustedProxies(' , ').has('127.0.0.1')).toBe(false);
  });

  it.each(['localhost', '10.0.0.0/33', 'fd00::/129', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0', 'fe80::1%eth0'])(
    'names %s as no address and no range',
    (entry) =>
      expect(() => parseTrustedProxies(`127.0.0.1,${entry}`)).toThrow(`not ${JSON.stringify(entry)}`),
  );
});
