import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatValue } from './label-text.ts';
import { parseLabels } from './labels.ts';
import { labelChangesSchema, labelsSchema } from './labels-schema.ts';

const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, 'v']));
const isValid = (labels: object) => labelsSchema.safeParse(labels).success;

describe('labels', () => {
  it.each([
    { role: 'db' },
    { 'a.b_c-d': 'x', [`k${'9'.repeat(62)}`]: 'v'.repeat(128) },
    { empty: '', spaced: 'rack 4, left', script: 'Küche 日本', quoted: '"*\\' },
    { constructor: 'a', 'has-own-property': 'b' },
    many(32),
  ])('are accepted: %j', (labels) => expect(labelsSchema.parse(labels)).toEqual(labels));

  it.each([
    ['', 'x'],
    ['Role', 'x'],
    ['9k', 'x'],
    [`k${'9'.repeat(63)}`, 'x'],
    ['a b', 'x'],
    ['host', 'x'],
    ['version', 'x'],
    ['k', 'v'.repeat(129)],
    ['k', ' v'],
    ['k', 'v\u00a0'],
    ['k', 'a\u202eb'],
    ['k', 'a\u200bb'],
    ['k', 'a\nb'],
    ['k', 'a\ud800b'],
  ])('are rejected: %j = %j', (key, value) => {
    expect(isValid({ [key]: value })).toBe(false);
    expect(labelChangesSchema.safeParse({ [key]: value }).success).toBe(false);
  });

  it('are rejected beyond 32', () => {
    expect(isValid(many(33))).toBe(false);
    expect(labelChangesSchema.safeParse(many(33)).success).toBe(false);
  });

  it('are removed by null in a change', () => {
    expect(labelChangesSchema.parse({ role: null, env: 'prod' })).toEqual({ role: null, env: 'prod' });
    expect(labelChangesSchema.safeParse({ host: null }).success).toBe(false);
  });

  it('name the remedy when they are rejected', () => {
    const messages = (labels: object) =>
      labelsSchema.safeParse(labels).error?.issues.map(({ message }) => message);
    expect(messages({ k: 'x'.repeat(129) })).toEqual(['must have at most 128 characters, not 129']);
    expect(messages({ k: ' x' })).toEqual(['must not begin or end with a space: remove it']);
    expect(messages(many(33))).toEqual(['must have at most 32 labels, not 33: remove some']);
    expect(labelsSchema.safeParse({ os: 'x' }).error?.issues).toMatchObject([
      { path: ['os'], message: expect.stringMatching(/^must not be os,.*such as my-os$/) },
    ]);
  });
});

describe('a text of labels', () => {
  it.each([
    ['', {}],
    ['  ', {}],
    ['role=db', { role: 'db' }],
    ['role=db, env = prod', { role: 'db', env: 'prod' }],
    ['note="rack 4, \\"left\\" \\\\",spare=""', { note: 'rack 4, "left" \\', spare: '' }],
    ['path=/srv/*,glob="*"', { path: '/srv/*', glob: '*' }],
    ['constructor=a', { constructor: 'a' }],
  ])('is parsed: %s', (text, labels) => expect(parseLabels(text)).toEqual({ ok: true, value: labels }));

  it.each([
    ['role', 4, /must have = and a value after role/],
    ['role=', 5, /an empty one is role=""/],
    ['role=db,', 8, /must be a label key/],
    ['role=db;env=prod', 11, /put a comma between labels/],
    ['note=rack 4', 10, /quotes around spaces/],
    ['Role=db', 0, /"Role" must be a label key/],
    ['os=linux', 0, /such as my-os/],
    ['role=db,role=web', 8, /role twice/],
    ['role="db', 5, /end it with "/],
    ['role=a\\b', 6, /double quotes/],
    ['role=a\u200bb', 6, /invisible/],
  ])('is rejected with place and remedy: %s', (text, position, detail) => {
    expect(parseLabels(text)).toEqual({
      ok: false,
      issue: { position, detail: expect.stringMatching(detail) },
    });
  });

  it('is bounded', () => {
    const issueOf = (text: string) => {
      const parsed = parseLabels(text);
      return parsed.ok ? null : `${parsed.issue.position}: ${parsed.issue.detail}`;
    };
    expect(issueOf(`role=${'x'.repeat(129)}`)).toMatch(/^5: .*at most 128 characters, not 129/);
    expect(issueOf(Array.from({ length: 33 }, (_, n) => `k${n}=v`).join())).toMatch(
      /^182: .*at most 32 labels/,
    );
    expect(issueOf('x'.repeat(9000))).toMatch(/^8192: must have at most 8192 characters, not 9000/);
  });

  it('can have any value in quotes', () => {
    const value = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => isValid({ k: text }));
    const key = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,9}$/).filter((text) => isValid({ [text]: '' }));
    fc.assert(
      fc.property(fc.dictionary(key, value, { maxKeys: 5, noNullPrototype: true }), (labels) => {
        const text = Object.entries(labels)
          .map(([name, each]) => `${name}=${formatValue([each])}`)
          .join(', ');
        expect(parseLabels(text)).toEqual({ ok: true, value: labels });
      }),
    );
  });
});
