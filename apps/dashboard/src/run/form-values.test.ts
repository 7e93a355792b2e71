import type { Parameter } from '@booner/protocol';
import { expect, test } from 'vitest';
import { initialValues, jsonIssues, paramsOf } from './form-values.ts';

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

test('a form starts with the defaults, or empty without them', () => {
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

test('a text whose default was cleared is sent as an empty text', () => {
  expect(paramsOf(parameters, { folder: '' })).toEqual({ folder: '' });
});

test('JSON stands in its field as indented text, and is sent as what it says', () => {
  const ofJson: readonly Parameter[] = [
    { ...common, name: 'config', type: 'json', maxBytes: 4096, default: { a: 1 } },
    { ...common, name: 'list', type: 'json', maxBytes: 4096 },
  ];
  expect(initialValues(ofJson, null)).toEqual({ config: '{\n  "a": 1\n}', list: '' });
  expect(initialValues(ofJson, { config: [2], list: 'text' })).toEqual({ config: '[\n  2\n]', list: '' });
  expect(paramsOf(ofJson, { config: ' {"b": [true]} ', list: ' \n' })).toEqual({ config: { b: [true] } });
  // the check rejects them
  expect(paramsOf(ofJson, { config: '{"b"', list: '5' })).toEqual({ config: '{"b"', list: '5' });
  expect(jsonIssues(ofJson, { config: '{"b"', list: '[1, 1' })).toEqual({
    config: expect.stringMatching(/^is not valid JSON/),
    list: expect.stringMatching(/^is not valid JSON/),
  });
  expect(jsonIssues(ofJson, { config: '{"b":1,"b":2}', list: '' })).toEqual({
    config: '/b occurs more than once',
  });
  expect(jsonIssues(ofJson, { config: '{"b":1}', list: '' })).toEqual({});
});
