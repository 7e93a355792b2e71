import { expect, it } from 'vitest';
import { checkServer } from './redis-version.ts';

it.each([
  ['Redis', '6.2.23', 'fail', /too old/],
  ['Redis', '7.0.15', 'warn', /^Redis 7\.0 is no longer maintained/],
  ['Redis', '7.2.14', 'warn', /^Redis 7\.2\.14 lacks security fixes/],
  ['Redis', '7.2.15', 'ok', /^Redis 7\.2\.15$/],
  ['Redis', '7.4.10', 'ok', /7\.4\.10/],
  ['Redis', '8.0.6', 'warn', /no longer maintained/],
  ['Redis', '8.10.0', 'ok', /8\.10\.0/],
  ['Redis', '9.0.0', 'ok', /9\.0\.0/],
  ['Valkey', '8.1.8', 'warn', /lacks security fixes/],
  ['Valkey', '9.1.1', 'ok', /9\.1\.1/],
  ['Redis', '7.2.4', 'ok', /7\.2\.4/], // or any Valkey
])('%s %s is %s', (name, version, status, detail) => {
  const result = checkServer({ name, version });
  expect(result).toMatchObject({ status, detail: expect.stringMatching(detail) });
  if (status === 'warn') expect(result.hint).toMatch(/^install .* or newer\. A package of your distribution/);
});
