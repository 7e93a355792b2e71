import { expect, it } from 'vitest';
import { isLoopback } from './is-loopback.ts';

it('is true for addresses that no other machine reaches', () => {
  const urls = ['http://localhost:8000/', 'http://127.0.0.1:8000', 'https://[::1]/', 'http://hub.localhost/'];
  expect(urls.map(isLoopback)).toEqual([true, true, true, true]);
  const others = ['https://hub.example.org/', 'http://10.0.0.1:8000', 'http://localhost.example.org', ''];
  expect(others.map(isLoopback)).toEqual([false, false, false, false]);
});
