import type { TargetSummary } from '@booner/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fakeTarget } from '../testing/fake-target.ts';
import { countLabels, filterTargets } from './filter-targets.ts';
import { readQuery } from './read-query.ts';
import { createTroubleOrder } from './trouble-order.ts';

const hosts = (targets: readonly TargetSummary[]) => targets.map(({ host }) => host);

describe('a filter', () => {
  const fleet = createTroubleOrder()(
    [
      fakeTarget('10.0.0.2'),
      fakeTarget('10.0.0.3', { label: null, diskUsageRatio: 0.99 }),
      fakeTarget('10.0.0.4', { label: 'Game server', status: 'offline' }),
    ],
    0,
  );

  it('finds every word in host, label or specs', () => {
    expect(hosts(filterTargets(fleet, { q: 'server GAME' }))).toEqual(['10.0.0.4']);
    expect(hosts(filterTargets(fleet, { q: 'cores 0.3' }))).toEqual(['10.0.0.3']);
    expect(filterTargets(fleet, { q: '  ' })).toBe(fleet.targets);
  });

  it('takes a selector, and finds nothing while it has an issue', () => {
    const labelled = createTroubleOrder()(
      [
        fakeTarget('10.0.0.2', { labels: { role: 'db', env: 'prod' }, operatorLabels: { role: 'db' } }),
        fakeTarget('10.0.0.3', { labels: undefined, system: undefined }),
      ],
      0,
    );
    const found = (q: string) => hosts(filterTargets(labelled, { q }));
    expect(found('role=db,env!=test')).toEqual(['10.0.0.2']);
    expect(found('!role')).toEqual(['10.0.0.3']);
    expect(found('os=linux')).toEqual(['10.0.0.2']);
    expect(found(' * ')).toEqual(['10.0.0.2', '10.0.0.3']);
    expect(found('role=')).toEqual([]);
    expect(found('prod')).toEqual(['10.0.0.2']); // a word
    expect(readQuery('role=')).toMatchObject({
      type: 'issue',
      text: expect.stringMatching(
        /^The selector has the end where a value must be: .* \(at character 6\)\.$/,
      ),
    });
  });

  it('takes status and label together', () => {
    expect(hosts(filterTargets(fleet, { status: 'trouble' }))).toEqual(['10.0.0.4', '10.0.0.3']);
    expect(hosts(filterTargets(fleet, { status: 'active', label: 'web' }))).toEqual(['10.0.0.2']);
    expect([...countLabels(fleet.targets)]).toEqual([
      ['Game server', 1],
      ['web', 1],
    ]);
  });
});

it('reads no search as the empty selector: an empty search has no words', () => {
  expect(readQuery('')).toEqual({ type: 'words', words: [] });
  const symbols = fc.string({ unit: fc.constantFrom(...' =!(),*"\\a') });
  fc.assert(
    fc.property(fc.oneof(symbols, fc.string()), (text) => {
      const query = readQuery(text);
      expect(query.type === 'selector' && query.selector.text === '').toBe(false);
    }),
  );
});
