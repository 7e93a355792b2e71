import { expect, it } from 'vitest';
import { whyNotHere } from './why-not-here.ts';

const runner = { host: 'a', conflict: false, actions: ['deploy', 'ping'] };

it.each([
  ['a runner with actions', { status: 'active', runner, action: undefined }, null],
  ['the action', { status: 'active', runner, action: 'ping' }, null],
  ['a runner, even if its agent is silent', { status: 'offline', runner, action: 'ping' }, null],
  ['another action', { status: 'active', runner, action: 'stop' }, 'no stop'],
  [
    'a runner without actions',
    { status: 'active', runner: { ...runner, actions: [] }, action: undefined },
    'no actions',
  ],
  ['an agent alone', { status: 'active', runner: undefined, action: 'ping' }, 'no runner'],
  ['nothing', { status: 'offline', runner: undefined, action: 'ping' }, 'offline'],
  ['nothing yet', { status: 'pending', runner: undefined, action: undefined }, 'no runner'],
] as const)('a host with %s', (_, candidate, expected) => {
  expect(whyNotHere(candidate)).toBe(expected);
});
