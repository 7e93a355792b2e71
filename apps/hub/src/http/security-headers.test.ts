import { Hono } from 'hono';
import { expect, it } from 'vitest';
import { securityHeaders } from './security-headers.ts';

async function policyOf(path: string) {
  const app = new Hono().use(securityHeaders()).all('*', (c) => c.text('in'));
  const { headers } = await app.request(path);
  return (headers.get('content-security-policy') ?? '').split('; ').sort();
}

const STRICT = [
  "base-uri 'none'",
  "connect-src 'self'",
  "default-src 'none'",
  "font-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "img-src 'self' data:",
  "manifest-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
];

it.each(['/', '/dashboard/tasks', '/assets/a.js', '/targets', '/docsy'])(
  'no page runs or shows what stands in it: %s',
  async (path) => {
    expect(await policyOf(path)).toEqual(STRICT);
  },
);

it.each(['/docs', '/docs/start.js'])('the reference alone may style its elements: %s', async (path) => {
  const styled = STRICT.map((part) => (part.startsWith('style') ? `${part} 'unsafe-inline'` : part));
  expect(await policyOf(path)).toEqual(styled);
});

it('tells browsers to guess no types, to be framed by nobody, and to tell no other site where they were', async () => {
  const app = new Hono().use(securityHeaders()).get('/', (c) => c.text('in'));
  const { headers } = await app.request('/');
  expect(Object.fromEntries(headers)).toMatchObject({
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  });
  expect(headers.has('strict-transport-security')).toBe(false);
});
