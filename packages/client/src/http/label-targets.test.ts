import type { HostId } from '@booner/protocol';
import { expect, it } from 'vitest';
import { BoonerError } from './booner-error.ts';
import { labelTargets } from './label-targets.ts';

const HOSTS = ['10.0.0.1', '10.0.0.2', '10.0.0.3'];

/** Answers as a hub does, except for the hosts that an error is given for. */
const labelTargetUnless =
  (errors: Readonly<Record<string, Error>>, asked: string[] = []) =>
  async (host: string) => {
    asked.push(host);
    if (errors[host] !== undefined) throw errors[host];
    return { host: host as HostId, labels: { env: 'prod' }, operatorLabels: { env: 'prod' } };
  };

it('continues after an error of one target, and reports each in order', async () => {
  const labelTarget = labelTargetUnless({ '10.0.0.2': new BoonerError('forbidden', 'not yours') });
  const reported: unknown[] = [];
  const outcomes = await labelTargets(
    labelTarget,
    HOSTS,
    { env: 'prod' },
    { onOutcome: (one) => reported.push(one) },
  );
  expect(outcomes.map(({ reason }) => reason)).toEqual([null, 'not yours', null]);
  expect(outcomes[2]).toMatchObject({ host: '10.0.0.3', labelled: { labels: { env: 'prod' } } });
  expect(reported).toEqual(outcomes);
});

it('tries no more targets once the hub is gone', async () => {
  const asked: string[] = [];
  const labelTarget = labelTargetUnless({ '10.0.0.2': new BoonerError('unreachable', 'gone') }, asked);
  const outcomes = await labelTargets(labelTarget, HOSTS, { env: null });
  expect(outcomes.map(({ reason }) => reason)).toEqual([null, 'gone', 'not tried after the error before']);
  expect(asked).toEqual(HOSTS.slice(0, 2));
});

it('rejects with what is no answer of a hub', async () => {
  const labelTarget = labelTargetUnless({ '10.0.0.1': new Error('left') });
  await expect(labelTargets(labelTarget, HOSTS, {})).rejects.toThrow('left');
});
