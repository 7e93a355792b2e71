import { expect, it } from 'vitest';
import { jsonPointerSchema, valueAt } from './json-pointer.ts';

// The document of RFC 6901, section 5, without the pointer to the whole of it.
const DOCUMENT = JSON.parse(
  '{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\\\j":5,"k\\"l":6," ":7,"m~n":8,"~1":9}',
);

it.each([
  ['/foo', ['bar', 'baz']],
  ['/foo/0', 'bar'],
  ['/', 0],
  ['/a~1b', 1],
  ['/c%d', 2],
  ['/e^f', 3],
  ['/g|h', 4],
  ['/i\\j', 5],
  ['/k"l', 6],
  ['/ ', 7],
  ['/m~0n', 8],
  ['/~01', 9],
])('finds %s', (pointer, value) => {
  expect(jsonPointerSchema.safeParse(pointer).success).toBe(true);
  expect(valueAt(DOCUMENT, pointer)).toEqual(value);
});

it.each([
  '/nothing',
  '/foo/2',
  '/foo/00',
  '/foo/-',
  '/foo/length',
  '/foo/0/length',
  '/toString',
  '/__proto__',
])('finds nothing at %s', (pointer) => expect(valueAt(DOCUMENT, pointer)).toBeUndefined());

it.each(['', 'foo', '#/foo', '/a~', '/a~2', `/${'x'.repeat(300)}`])('rejects the pointer %s', (pointer) => {
  expect(jsonPointerSchema.safeParse(pointer).success).toBe(false);
});
