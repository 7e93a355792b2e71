import type { Parameter } from '@booner/protocol';
import { expect, test } from 'vitest';
import { bodyOf, findDraftIssues, NEW_ROLLOUT } from './rollout-draft.ts';

const VERSION = {
  name: 'version',
  description: '',
  required: true,
  type: 'string',
  maxLength: 64,
  secret: false,
  allowLeadingDash: false,
} satisfies Parameter;
const SLOT = { ...VERSION, name: 'slot', required: false, default: 'blue' } satisfies Parameter;
const NONE = { params: [], checkParams: null };

test('a draft becomes the body of a request, with the defaults of its parameters', () => {
  const draft = { ...NEW_ROLLOUT, action: 'web.deploy', params: { version: 'v2' }, selector: ' role=web ' };
  expect(bodyOf(draft, { ...NONE, params: [VERSION, SLOT] })).toEqual({
    action: 'web.deploy',
    params: { version: 'v2', slot: 'blue' },
    selector: 'role=web',
    order: 'hash',
    batches: [1, '10%', '50%'],
    maxFailures: 0,
    between: { waitSeconds: 0, healthy: true },
    offline: 'skip',
  });
});

test('what is not used is left out, and what is used is read', () => {
  const draft = {
    ...NEW_ROLLOUT,
    action: 'a',
    order: 'label',
    orderLabel: 'rack',
    batches: '2 25%',
    maxFailures: '5%',
    wait: '1h30m',
    check: 'web.check',
    checkParams: { version: 'v2' },
    offline: 'wait',
    offlineWait: '10m',
    approval: 'between',
  } as const;
  expect(bodyOf(draft, { params: [], checkParams: [VERSION] })).toMatchObject({
    order: 'label:rack',
    batches: [2, '25%'],
    maxFailures: '5%',
    between: { waitSeconds: 5400, check: { action: 'web.check', params: { version: 'v2' } } },
    offline: 'wait',
    offlineWaitSeconds: 600,
    approval: 'between',
  });
});

test('what cannot be read is sent as it is, or has an issue', () => {
  expect(bodyOf({ ...NEW_ROLLOUT, batches: 'half', maxFailures: '-1' }, NONE)).toMatchObject({
    batches: ['half'],
    maxFailures: '-1',
  });
  expect(Object.keys(findDraftIssues({ ...NEW_ROLLOUT, wait: 'soon', offlineWait: 'later' }))).toEqual([
    'action',
    'between/waitSeconds',
  ]);
  expect(findDraftIssues({ ...NEW_ROLLOUT, action: 'a' })).toEqual({});
});
