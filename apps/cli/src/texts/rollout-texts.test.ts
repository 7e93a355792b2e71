import type { NewRollout, PlannedHost, RolloutHost, RolloutPlan } from '@booner/protocol';
import { hostIdSchema } from '@booner/protocol';
import { expect, it } from 'vitest';
import { planSummary } from './plan-texts.ts';
import { hostLines } from './rollout-hosts.ts';
import { countsText, phaseText } from './rollout-texts.ts';

const hostId = (index: number) => hostIdSchema.parse(`10.0.0.${index}`);

const makePlan = (states: readonly PlannedHost['state'][], more: Partial<RolloutPlan> = {}): RolloutPlan => ({
  hosts: states.map((state, index) => ({ host: hostId(index + 1), batch: 0, state, detail: null })),
  batches: [states.length],
  ...{ maxFailures: 0, taskSeconds: null, totalSeconds: null },
  ...more,
});

const REQUEST: NewRollout = { action: 'web.deploy', selector: '*' };

it('says what a rollout would do with hosts of every state', () => {
  const plan = makePlan(['ready', 'differs', 'offline', 'not_offered', 'bad_params', 'not_allowed'], {
    ...{ batches: [1, 5], maxFailures: 2, taskSeconds: 0.2, totalSeconds: 600 },
  });
  expect(planSummary(plan, { ...REQUEST, offline: 'fail' })).toEqual([
    'Would run web.deploy on 2 of 6 targets, in 2 batches (1, 5).',
    '1 target offline: counted as failed if still offline then.',
    '1 target would run another version of the action than most.',
    '1 target would fail, without the action.',
    'The hub refuses this rollout because of 2 targets.',
    'Stops after 3 failed targets.',
    'Takes about 10 min, at 1 s per task, without approvals and health.',
  ]);
  expect(planSummary(makePlan(['ready']), REQUEST)).toEqual([
    'Would run web.deploy on 1 of 1 target, in 1 batch.',
    'Stops after 1 failed target.',
    'No estimate: no task of this action has completed yet.',
  ]);
});

it('shortens a long list of batches', () => {
  const plan = makePlan(['ready'], { batches: Array(20).fill(1) });
  expect(planSummary(plan, REQUEST)[0]).toContain('in 20 batches (1, 1, 1, 1, 1, 1, 1, 1, …).');
});

it('counts hosts, and names batch and reason without control characters', () => {
  const counts = { completed: 3, failed: 1, running: 2, waiting: 6 };
  expect(countsText({ counts })).toBe('4/12 done, 1 failed, 2 running');
  expect(phaseText({ batch: 1, batches: 5, reason: 'waits\n\u001b[31m30 s' })).toBe(
    'batch 2 of 5, waits 30 s',
  );
  expect(phaseText({ batch: 5, batches: 5, reason: null })).toBe('batch 5 of 5');
});

it('groups hosts by status, failures first, and by error', () => {
  const host = (index: number, status: RolloutHost['status'], error: string | null = null): RolloutHost => ({
    ...{ host: hostId(index), index, batch: 0, status, error },
    ...{ taskId: null, checkId: null, definition: null, offlineSinceMs: null },
  });
  const hosts = [
    host(1, 'completed'),
    host(2, 'failed', 'a'),
    host(3, 'failed', 'b'),
    host(14, 'failed', 'a'),
  ];
  expect(hostLines(hosts, { style: (_, text) => text })).toEqual([
    ...['', 'failed (3)', '  a (2)', '    10.0.0.2', '    10.0.0.14', '  b (1)', '    10.0.0.3'],
    ...['', 'completed (1)', '  10.0.0.1'],
  ]);
});
