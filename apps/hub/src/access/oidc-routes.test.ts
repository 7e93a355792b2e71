import { expect, it } from 'vitest';
import { pathWithin } from './oidc-routes.ts';

it.each(['/', '/dashboard/targets/10.0.0.2?range=1h#cpu', '/a%2Fb'])('%s is a path to go on to', (path) =>
  expect(pathWithin(path)).toBe(path),
);

it.each([
  undefined,
  '',
  'dashboard',
  'https://evil.example/',
  '//evil.example/',
  '/\\evil.example/',
  '\\\\evil.example',
  '/\t/evil.example',
  '/..//evil.example',
  'javascript:alert(1)',
  `/${'a'.repeat(2000)}`,
])('%j is none, and the front page is in its place', (path) => expect(pathWithin(path)).toBe('/'));
