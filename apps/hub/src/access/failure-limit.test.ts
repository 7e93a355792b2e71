import { describe, expect, it } from 'vitest';
import { createFailureLimit, networkOf } from './failure-limit.ts';

describe('the limit of failures', () => {
  it('allows ten different guesses a minute from one address, and says how long the rest waits', async () => {
    const limit = createFailureLimit();
    for (let guess = 0; guess < 10; guess += 1) {
      expect(await limit.count('10.0.0.2', `${guess}`)).toBeNull();
    }
    expect(await limit.waitMs('10.0.0.2')).toBeNull();
    const waitMs = await limit.count('10.0.0.2', 'eleventh');
    expect(waitMs).toBeGreaterThan(50_000);
    expect(waitMs).toBeLessThanOrEqual(60_000);
    expect(await limit.waitMs('10.0.0.2')).toBeGreaterThan(50_000);
    expect(await limit.waitMs('10.0.0.3')).toBeNull();
  });

  it('takes the same wrong thing, shown again and again, for one failure', async () => {
    const limit = createFailureLimit();
    for (let time = 0; time < 50; time += 1) expect(await limit.count('10.0.0.2', 'revoked')).toBeNull();
    for (let guess = 0; guess < 9; guess += 1) await limit.count('10.0.0.2', `${guess}`);
    expect(await limit.waitMs('10.0.0.2')).toBeNull();
    expect(await limit.count('10.0.0.2', 'one too many')).not.toBeNull();
  });

  it('counts each failure that is no guess', async () => {
    const limit = createFailureLimit();
    for (let time = 0; time < 11; time += 1) await limit.count('10.0.0.2');
    expect(await limit.waitMs('10.0.0.2')).not.toBeNull();
  });

  it.each([
    ['10.0.0.2', '10.0.0.2'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['2001:db8::1:2:3:4:5', '2001:db8:0:1::/64'],
    ['::1', '0:0:0:0::/64'],
    ['64:ff9b::10.0.0.2', '64:ff9b:0:0::/64'],
    ['', ''],
  ])('counts %s as %s', (address, network) => expect(networkOf(address)).toBe(network));
});
