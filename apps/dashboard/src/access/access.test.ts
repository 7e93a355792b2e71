import type { AuthState } from '@booner/protocol';
import { expect, test } from 'vitest';
import { accessOf, scopeText } from './access.ts';

const state = (change: Partial<AuthState['signedIn'] & object>, required = true) =>
  ({
    required,
    version: '1.0.0',
    oidc: null,
    signedIn: { role: 'operator', scopes: { hosts: null, actions: null, reads: null }, ...change },
  }) as AuthState;

test('everything is allowed if sign-in is not required, or while that is unknown', () => {
  for (const access of [accessOf(null), accessOf(state({ role: 'viewer' }, false))]) {
    expect([access.may('admin'), access.runDenial('10.0.0.2', 'deploy'), access.signedIn]).toEqual([
      true,
      null,
      null,
    ]);
  }
});

test('a role holds back from what needs a higher one', () => {
  const viewer = accessOf(state({ role: 'viewer' }));
  expect([viewer.may('viewer'), viewer.may('operator')]).toEqual([true, false]);
  expect(viewer.runDenial()).toMatch(/operator.*viewer/);
  expect(accessOf(state({})).runDenial()).toBeNull();
});

test('scopes hold back from other hosts and actions', () => {
  const { runDenial } = accessOf(
    state({ scopes: { hosts: ['10.0.0.2' as never], actions: ['deploy'], reads: 'role=db' } }),
  );
  expect(runDenial('10.0.0.2', 'deploy')).toBeNull();
  expect(runDenial('10.0.0.3')).toMatch(/10\.0\.0\.3/);
  expect(runDenial('10.0.0.2', 'stop')).toMatch(/stop/);
});

test('scopes are said in words', () => {
  expect(scopeText({ hosts: null, actions: null })).toBe('everything, everywhere');
  expect(scopeText({ hosts: ['a', 'b'] as never, actions: null })).toBe('everything on a, b');
  expect(scopeText({ hosts: null, actions: [] })).toBe('nothing on all hosts');
});
