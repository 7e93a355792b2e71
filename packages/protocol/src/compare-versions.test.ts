import { expect, it } from 'vitest';
import { compareVersions, isBehind } from './compare-versions.ts';

it('orders versions as Semantic Versioning does', () => {
  const ordered = [
    '0.1.0',
    '0.1.1',
    '0.2.0',
    '0.10.0',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    '10.0.0',
  ];
  for (const [index, version] of ordered.entries()) {
    for (const [other, each] of ordered.entries()) {
      const compared = Math.sign(compareVersions(version, each) ?? Number.NaN);
      expect([version, each, compared]).toEqual([version, each, Math.sign(index - other)]);
    }
  }
});

it.each([
  ['v1.2.3', '1.2.3'],
  ['1.2.3+abc', '1.2.3+def'],
])('takes %s and %s for the same', (a, b) => {
  expect(compareVersions(a, b)).toBe(0);
});

it.each(['', '1.2', '1.2.3.4', 'latest', '1.2.3-', '-1.2.3', '1.2.x'])('knows no order for %j', (version) => {
  expect(compareVersions(version, '1.2.3')).toBeNull();
  expect([isBehind(version, '1.2.3'), isBehind('1.2.3', version)]).toEqual([false, false]);
});

it('calls behind what is older than the hub alone', () => {
  const versions = ['0.1.9', '0.2.0-rc.1', '0.2.0', '0.2.1', '0.3.0'];
  expect(versions.map((version) => isBehind(version, '0.2.0'))).toEqual([true, true, false, false, false]);
});
