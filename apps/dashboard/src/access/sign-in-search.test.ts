import { expect, test } from 'vitest';
import { safeReturn } from './sign-in-search.ts';

const ORIGIN = 'https://hub.example.org';

test('goes on to a path of this dashboard, and nowhere else', () => {
  expect(safeReturn('/dashboard/tasks?status=failed', ORIGIN)).toBe('/dashboard/tasks?status=failed');
  const elsewhere = [
    undefined,
    '',
    'dashboard',
    '//evil.example',
    '/\\evil.example',
    'https://evil.example/',
    'javascript:alert(1)',
    '/.//evil.example',
    '/dashboard/sign-in?return=%2F',
  ];
  expect(elsewhere.map((wanted) => safeReturn(wanted, ORIGIN))).toEqual(elsewhere.map(() => '/'));
});
