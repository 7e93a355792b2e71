import { expect, test } from 'vitest';
import { type AgentFigures, presentAgents } from './agent-table.ts';

const AGENT: AgentFigures = {
  name: 'agent',
  cpuRatio: 0.0013,
  rssBytes: 61 * 2 ** 20,
  anonymousBytes: 24e6,
  samples: 40,
  measuredMs: 120_000,
};
const EXPORTER: AgentFigures = { ...AGENT, name: 'node_exporter', cpuRatio: 0.0012 };

test('the agent has goals of its own, and relative to node_exporter', () => {
  expect(presentAgents([AGENT, EXPORTER], 40, []).goals).toEqual([
    { what: 'CPU of the agent', figure: '0.130 %', goal: 'at most 0.150 %', isMet: true },
    { what: 'RSS of the agent', figure: '61.0 MiB', goal: 'at most 60.0 MiB', isMet: false },
    { what: 'anonymous memory of the agent', figure: '24.0 MB', goal: 'at most 25.0 MB', isMet: true },
    {
      what: 'CPU of the agent, beside node_exporter',
      figure: '0.130 %',
      goal: 'at most 0.120 %',
      isMet: false,
    },
  ]);
});

test('without node_exporter, the agent has only goals of its own', () => {
  expect(presentAgents([AGENT], 40, ['not installed']).goals).toHaveLength(3);
});

test('a daemon that did not sample at the cadence is no comparison', () => {
  expect(presentAgents([{ ...AGENT, samples: 36 }], 40, []).failures).toEqual([]);
  expect(presentAgents([{ ...AGENT, samples: 35 }], 40, []).failures).toEqual([
    'agent gave 35 samples in 40 intervals',
  ]);
});
