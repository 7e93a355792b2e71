import { hookSchema } from '@booner/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mapPayload } from './map-payload.ts';

const hook = (given: object) => hookSchema.parse({ action: 'web.deploy', selector: 'role=web', ...given });
const PUSH = {
  ...{ ref: 'refs/heads/main', after: 'c0ffee', deleted: false, forced: null, size: 2 },
  ...{ repository: { full_name: 'acme/web' }, commits: [{ id: 'a' }, { id: 'b' }] },
};

it('takes the fields that are named, beside the fixed parameters', () => {
  const mapped = mapPayload(
    hook({
      params: { channel: 'stable' },
      fields: { version: '/after', repo: '/repository/full_name', last: '/commits/1/id', count: '/size' },
    }),
    PUSH,
  );
  expect(mapped).toEqual({
    type: 'mapped',
    params: { channel: 'stable', version: 'c0ffee', repo: 'acme/web', last: 'b', count: 2 },
  });
});

it('takes nothing else, whatever a payload has', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (payload) => {
      expect(mapPayload(hook({ params: { channel: 'stable' } }), payload)).toEqual({
        type: 'mapped',
        params: { channel: 'stable' },
      });
      const mapped = mapPayload(hook({ fields: { version: '/after' } }), payload);
      expect(mapped.type === 'refused' || Object.keys(mapped).length === 2).toBe(true);
      if (mapped.type === 'mapped') expect(Object.keys(mapped.params)).toEqual(['version']);
    }),
  );
});

it.each([
  [{ '/ref': 'refs/heads/main', '/deleted': false, '/forced': null, '/size': 2 }, 'mapped'],
  [{ '/ref': 'refs/heads/main2' }, 'ignored'],
  [{ '/size': '2' }, 'ignored'],
  [{ '/deleted': null }, 'ignored'],
  [{ '/missing': null }, 'ignored'],
  [{ '/repository': 'acme/web' }, 'ignored'],
])('demands exactly %o', (when, type) => {
  expect(mapPayload(hook({ when }), PUSH).type).toBe(type);
});

it('refuses a payload without a field, or whose value cannot be a parameter, and quotes no value', () => {
  const refusal = (payload: unknown) => {
    const mapped = mapPayload(hook({ fields: { version: '/after' } }), payload);
    return mapped.type === 'refused' ? mapped.detail : mapped.type;
  };
  const missing = 'the payload has no /after, which version is taken from';
  for (const payload of [{}, { after: null }, [], 'after', null]) expect(refusal(payload)).toBe(missing);
  expect(refusal({ after: 2 ** 53 })).toBe('/after is a number that cannot be kept exactly');
  expect(refusal({ after: 'x'.repeat(17 * 1024) })).toMatch(/^the object of all parameters has \d+ bytes/);
  expect(refusal({ after: 0.5 })).toBe('mapped');
});

it('cannot be set so that a payload overrides a fixed parameter', () => {
  const parsed = hookSchema.safeParse({
    ...{ action: 'a', host: '10.0.0.2', params: { version: 'v1' }, fields: { version: '/after' } },
  });
  expect(parsed.error?.issues).toMatchObject([{ path: ['fields', 'version'] }]);
});
