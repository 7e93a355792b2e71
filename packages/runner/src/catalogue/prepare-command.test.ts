import type { Parameter } from '@booner/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { makeAction } from '../testing/action-factory.ts';
import { prepareCommand } from '../testing/prepare-command.ts';
import { prepareCommands } from './prepare-command.ts';

const common = { description: '', required: false };
const string = (name: string, change: object = {}): Parameter => ({
  ...common,
  type: 'string',
  name,
  maxLength: 256,
  secret: false,
  allowLeadingDash: false,
  ...change,
});
const integer = (name: string, change: object = {}): Parameter => ({
  ...common,
  type: 'integer',
  name,
  ...change,
});

const action = makeAction({
  command: ['/opt/run', '{{name}}', '--size={{size}}', '{{force}}'],
  parameters: [
    string('name'),
    integer('size', { default: 3 }),
    { ...common, type: 'boolean', name: 'force' },
    string('key', { secret: true }),
  ],
  env: { MODE: 'fast' },
});

it('fills the command and the environment', () => {
  expect(prepareCommand(action, { name: 'a b', force: false, key: 's3cret' })).toEqual({
    ok: true,
    command: {
      argv: ['/opt/run', 'a b', '--size=3', 'false'],
      env: {
        MODE: 'fast',
        BOONER_PARAM_NAME: 'a b',
        BOONER_PARAM_SIZE: '3',
        BOONER_PARAM_FORCE: 'false',
        BOONER_PARAM_KEY: 's3cret',
      },
      secrets: ['s3cret'],
    },
  });
});

it('fills several commands, and refuses what any of them could take for an option', () => {
  const templates = [
    ['/opt/build', '{{name}}'],
    ['/opt/resize', '{{size}}'],
  ];
  expect(prepareCommands(action, templates, { name: 'a' })).toMatchObject({
    commands: [{ argv: ['/opt/build', 'a'] }, { argv: ['/opt/resize', '3'] }],
  });
  expect(prepareCommands(action, templates, { size: -1 })).toMatchObject({ issues: [{ pointer: '/size' }] });
});

it('leaves out the arguments of parameters that are not there', () => {
  expect(prepareCommand(action, {})).toMatchObject({
    command: { argv: ['/opt/run', '--size=3'], secrets: [] },
  });
});

it.each([
  ['a NUL', 'a\0b'],
  ['a line feed', 'a\nb'],
  ['a carriage return', 'a\rb'],
  ['a leading dash', '--flag'],
  ['1 MB', 'x'.repeat(1_000_000)],
  ['a number', 3],
  ['an object', {}],
  ['null', null],
])('refuses %s, whatever the hub let pass', (_, value) => {
  const prepared = prepareCommand(action, { name: value });
  expect(prepared).toMatchObject({ ok: false, issues: [{ pointer: '/name' }] });
});

it('refuses a parameter that the action does not have', () => {
  expect(prepareCommand(action, { nam: 'x' })).toMatchObject({ ok: false, issues: [{ pointer: '/nam' }] });
});

it('refuses a negative number that the program could take for an option, unless it was counted on', () => {
  const kill = (parameter: Parameter, element = '{{pid}}') =>
    prepareCommand(makeAction({ command: ['kill', element], parameters: [parameter] }), { pid: -1 }).ok;
  expect(kill(integer('pid'))).toBe(false);
  expect(kill(integer('pid'), '{{pid}}.5')).toBe(false);
  expect(kill(integer('pid', { min: -5 }))).toBe(true);
  expect(kill(integer('pid'), '--pid={{pid}}')).toBe(true);
});

it('keeps one argument one argument', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (value) => {
      const prepared = prepareCommand(action, { name: value, force: true });
      if (!prepared.ok) return;
      expect(prepared.command.argv).toEqual(['/opt/run', value, '--size=3', 'true']);
    }),
  );
}, 30_000);

const json = (name: string, change: object = {}): Parameter => ({
  ...common,
  type: 'json',
  name,
  maxBytes: 4096,
  ...change,
});

it('hands JSON over as one argument and one variable of compact text', () => {
  const configured = makeAction({
    command: ['/opt/run', '{{config}}', '--list={{list}}', '{{absent}}'],
    parameters: [json('config'), json('list', { default: [1, 2] }), json('absent')],
  });
  const config = { text: 'a b\n"\u2028\0', nested: { deep: [null, true, 1.5, {}] }, '--flag': ';id' };
  const text = JSON.stringify(config);
  expect(prepareCommand(configured, { config })).toEqual({
    ok: true,
    command: {
      argv: ['/opt/run', text, '--list=[1,2]'],
      env: { BOONER_PARAM_CONFIG: text, BOONER_PARAM_LIST: '[1,2]' },
      secrets: [],
    },
  });
  expect(text).not.toMatch(/[\0\n]/);
});

it.each([
  ['a text', '{"a":1}', 'must be a JSON object or array, such as {"name":"value"}'],
  ['a number', 5, 'must be a JSON object or array, such as {"name":"value"}'],
  ['null', null, 'must be a JSON object or array, such as {"name":"value"}'],
  ['too much', { a: 'ü'.repeat(30) }, 'has 68 bytes as JSON; at most 64 are allowed'],
  ['too deep', { a: [[[[[[[1]]]]]]] }, 'is nested deeper than 7 levels'],
])('refuses %s for JSON', (_what, value, detail) => {
  const bounded = makeAction({ parameters: [json('config', { maxBytes: 64 })] });
  expect(prepareCommand(bounded, { config: value })).toEqual({
    ok: false,
    issues: [{ pointer: '/config', detail }],
  });
});
