import { type AlertRuleInput, alertRuleSchema, parseHostId, viewSubjectOf } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import { compileRule } from '../rules/compile-rule.ts';
import { groupOf } from '../rules/group-of.ts';
import { indexParents, type MuteFacts, muteReasons } from './mute-reasons.ts';

const compiled = (changes: Partial<AlertRuleInput>) =>
  compileRule(alertRuleSchema.parse({ name: 'r', selector: '*', when: { state: 'offline' }, ...changes }));
const cpu = compiled({ when: { metric: 'cpuUsageRatio' }, warn: { on: 0.9, off: 0.8 } });
const NOTHING: MuteFacts = {
  isHubBlind: false,
  isHostOffline: false,
  isSilenced: false,
  isQuiet: false,
  parents: [],
};
const UP = { isOffline: false, onlineForMs: 60_000 };
const BACK = { isOffline: false, onlineForMs: 59_999 };
const DOWN = { isOffline: true, onlineForMs: 0 };

describe('a rule is muted', () => {
  it.each([
    ['by nothing', {}, []],
    ['while the hub is blind', { isHubBlind: true }, ['hub_blind']],
    ['while its host is offline', { isHostOffline: true }, ['host_offline']],
    ['by a silence and by quiet hours', { isSilenced: true, isQuiet: true }, ['silence', 'quiet_hours']],
    ['while all of its parents are offline', { parents: [DOWN, DOWN] }, ['parent_offline']],
    ['for a minute after they are back', { parents: [DOWN, BACK] }, ['parent_offline']],
    ['not while one of them is online', { parents: [DOWN, UP] }, []],
    ['not by parents that it does not have', { parents: [] }, []],
  ] as const)('%s', (_, facts, reasons) => {
    expect(muteReasons(cpu, { ...NOTHING, ...facts })).toEqual(reasons);
  });

  it('not by its host being offline if that is what it watches, or it is known anyway', () => {
    const reasonsOf = (state: 'offline' | 'quarantined' | 'task_failed' | 'clock_skew') =>
      muteReasons(compiled({ when: { state } }), { ...NOTHING, isHostOffline: true }).join();
    expect([reasonsOf('offline'), reasonsOf('quarantined'), reasonsOf('task_failed')]).toEqual(['', '', '']);
    expect(reasonsOf('clock_skew')).toBe('host_offline');
  });
});

describe('parents', () => {
  const host = (id: string, labels: Record<string, string>) =>
    viewSubjectOf({ host: parseHostId(id)!, labels });
  const gatewayA = host('gw-a', { role: 'gateway', site: 'a' });
  const gatewayB = host('gw-b', { role: 'gateway', site: 'b' });
  const web = host('web', { role: 'web', site: 'a' });
  const fleet = [gatewayA, gatewayB, web];

  it('are what dependsOn selects, in the group of the child', () => {
    expect(indexParents(compiled({ dependsOn: 'role=gateway', groupBy: 'site' }), fleet)(web)).toEqual([
      gatewayA,
    ]);
    expect(indexParents(compiled({ dependsOn: 'role=gateway' }), fleet)(web)).toEqual([gatewayA, gatewayB]);
  });

  it('have no parents themselves', () => {
    expect(indexParents(compiled({ dependsOn: 'role=gateway' }), fleet)(gatewayA)).toEqual([]);
  });

  it.each([undefined, '', 'role=router'])('are none for %j', (dependsOn) => {
    expect(indexParents(compiled({ dependsOn }), fleet)(web)).toEqual([]);
  });
});

describe('the group of a target', () => {
  it('is the value of a label, or none', () => {
    const { labels } = viewSubjectOf({ host: parseHostId('web')!, labels: { site: 'a' } });
    const groups = ['site', 'rack', 'constructor', null].map((key) => groupOf(key, { labels }));
    expect(groups).toEqual(['a', null, null, null]);
  });
});
