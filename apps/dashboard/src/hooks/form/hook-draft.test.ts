import type { Hook, HostId, OfferedAction, Parameter } from '@booner/protocol';
import { expect, test } from 'vitest';
import { findHookIssues, hookBody, hookDraft, NEW_HOOK } from './hook-draft.ts';

const HOOK: Hook = {
  auth: 'token',
  action: 'web.deploy',
  params: { slot: 'blue' },
  selector: 'role=web',
  order: 'label:rack',
  batches: [1, '50%'],
  maxFailures: '5%',
  between: { waitSeconds: 30, healthy: false },
  offline: 'wait',
  offlineWaitSeconds: 60,
  fields: { version: '/after' },
  when: { '/ref': 'refs/heads/main', '/deleted': false, '/release/id': '12' },
};
const SLOT: Parameter = {
  ...{ name: 'slot', description: '', required: true, type: 'string' },
  ...{ maxLength: 64, secret: false, allowLeadingDash: false },
};
const VERSION: Parameter = { ...SLOT, name: 'version' };
const ACTION: OfferedAction = {
  ...{ name: 'web.deploy', description: '', timeoutSeconds: 60 },
  parameters: [SLOT, VERSION],
};
const KNOWN = { action: ACTION, parameters: [SLOT] };
const UNKNOWN = { action: undefined, parameters: null };
const draftOf = (hook: Hook) => hookDraft({ name: 'deploy', hook });

test('a hook that is edited keeps everything that was not changed, also without a target that knows the action', () => {
  const onHost: Hook = { ...HOOK, selector: undefined, host: '10.0.0.1' as HostId };
  for (const hook of [HOOK, onHost]) {
    for (const chosen of [KNOWN, UNKNOWN]) expect(hookBody(draftOf(hook), chosen, hook)).toEqual(hook);
  }
});

test('a parameter that the action no longer has is no longer taken from the payload', () => {
  const action = { ...ACTION, parameters: [SLOT] };
  expect(hookBody(draftOf(HOOK), { ...KNOWN, action }, HOOK).fields).toEqual({});
  const secret: Parameter = { ...VERSION, type: 'string', secret: true } as Parameter;
  expect(
    hookBody(draftOf(HOOK), { ...KNOWN, action: { ...ACTION, parameters: [SLOT, secret] } }, HOOK).fields,
  ).toEqual({});
});

test('values of conditions are JSON where they look like it, and empty conditions are left out', () => {
  const when = [
    { place: ' /ref ', value: 'refs/heads/main' },
    { place: '/draft', value: 'false' },
    { place: '', value: '' },
  ];
  expect(hookBody({ ...NEW_HOOK, when }, UNKNOWN, null).when).toEqual({
    '/ref': 'refs/heads/main',
    '/draft': false,
  });
});

test('what the page can tell stands at its field', () => {
  const draft = { ...NEW_HOOK, where: 'host', fields: { version: ' ' } } as const;
  expect(Object.keys(findHookIssues(draft))).toEqual(['action', 'host', 'fields/version']);
  const fine = { ...NEW_HOOK, action: 'web.deploy', selector: '*' };
  expect(findHookIssues(fine)).toEqual({});
  const issueOf = (...when: { place: string; value: string }[]) => findHookIssues({ ...fine, when }).when;
  expect(issueOf({ place: '', value: 'main' })).toMatch(/Enter the place/);
  expect(issueOf({ place: '/ref', value: 'a' }, { place: '/ref ', value: 'b' })).toMatch(
    /\/ref is there twice/,
  );
  expect(issueOf({ place: '/ref', value: '' }, { place: '', value: '' })).toBeUndefined();
});
