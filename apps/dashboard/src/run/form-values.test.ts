import type { Parameter } from '@booner/protocol';
import { expect, test } from 'vitest';
import { initialValues, paramsOf } from './form-values.ts';

const common = { description: '', required: false };
const text = { ...common, type: 'string', maxLength: 256, secret: false, allowLeadingDash: false } as const;
const parameters: readonly Parameter[] = [
  { ...text, name: 'folder', default: '/var' },
  { ...text, name: 'note' },
  { ...text, name: 'password', secret: true, required: true },
  { ...common, name: 'count', type: 'integer', default: 4 },
  { ...common, name: 'dry', type: 'boolean' },
  { ...common, name: 'slot', type: 'choice', choices: ['blue', 'green'] },
];

test('a form begins with the defaults, and empty where there are none', () => {
  expect(initialValues(parameters, null)).toEqual({
    folder: '/var',
    note: '',
    password: '',
    count: 4,
    dry: false,
    slot: '',
  });
});

test('a form of an earlier task begins with its values, but for secrets and what does not fit any more', () => {
  const earlier = {
    folder: '/srv',
    password: '[redacted]',
    count: 'four',
    dry: true,
    slot: 'green',
    gone: 1,
  };
  expect(initialValues(parameters, earlier)).toEqual({
    folder: '/srv',
    note: '',
    password: '',
    count: 4,
    dry: true,
    slot: 'green',
  });
  expect(initialValues(parameters, { slot: 'red' })).toMatchObject({ slot: '' });
});

test('what is empty is left out', () => {
  expect(paramsOf(parameters, initialValues(parameters, null))).toEqual({
    folder: '/var',
    count: 4,
    dry: false,
  });
  expect(paramsOf(parameters, { count: null, slot: '' })).toEqual({});
});

test('a text that was cleared of its default is sent as it is', () => {
  expect(paramsOf(parameters, { folder: '' })).toEqual({ folder: '' });
});
