import type { Parameter } from '@booner/protocol';
import { expect, test } from 'vitest';
import { readableParameters } from './request-draft.ts';

const VERSION = {
  name: 'version',
  description: '',
  required: true,
  type: 'string',
  maxLength: 64,
  secret: false,
  allowLeadingDash: false,
} satisfies Parameter;

test('secrets are no parameters of a rollout', () => {
  expect(readableParameters([VERSION, { ...VERSION, secret: true }])).toEqual([VERSION]);
});
