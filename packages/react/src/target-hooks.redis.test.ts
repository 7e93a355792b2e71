// @vitest-environment happy-dom
import { eventually, startAgent, startRedis } from '@booner/testkit';
import { render } from '@testing-library/react';
import { createElement, memo, StrictMode } from 'react';
import { expect, it } from 'vitest';
import { useSystemStatus, useTarget, useTargets } from './index.ts';
import { startHookBed, TIMES } from './testing/hook-bed.ts';

const STILL = '10.0.0.3';
const MOVING = '10.0.0.20';

it('draws what shows one target when that one changes, and not when others do', async () => {
  await using redis = await startRedis();
  const agentOptions = (hostId: string, intervalMs: number) => ({
    redisUrl: redis.url,
    hostId,
    env: { BOONER_INTERVAL_MS: `${intervalMs}` },
  });
  await using _still = await startAgent(agentOptions(STILL, 3_600_000));
  await using bed = await startHookBed({ redisUrl: redis.url });
  const draws: Record<string, number> = {};
  const count = (what: string) => {
    draws[what] = (draws[what] ?? 0) + 1;
  };
  let hosts: readonly string[] = [];
  let statusHosts: readonly string[] = [];
  const drawn: Record<string, number | null> = {};

  const Full = ({ host }: { host: string }) => {
    const state = useTarget(host);
    count(`full ${host}`);
    if (state.type === 'found') drawn[host] = state.target.sample?.sampledAtMs ?? null;
    return null;
  };
  const Row = memo(({ target }: { target: { readonly host: string } }) => {
    count(`row ${target.host}`);
    return null;
  });
  const List = () => {
    const { targets } = useTargets();
    count('list');
    hosts = targets.map(({ host }) => host);
    return targets.map((target) => createElement(Row, { key: target.host, target }));
  };
  const Version1 = () => {
    statusHosts = useSystemStatus().systemStatus?.deployment_targets.map(({ host }) => host) ?? [];
    return null;
  };
  render(
    createElement(
      bed.wrapper,
      null,
      createElement(Full, { host: STILL }),
      createElement(Full, { host: MOVING }),
      createElement(List),
      createElement(StrictMode, null, createElement(Version1)),
    ),
  );
  await eventually(() => drawn[STILL] && draws[`row ${STILL}`], {
    ...TIMES,
    what: 'the one that stands still',
  });
  await using _moving = await startAgent(agentOptions(MOVING, 1000));
  await using _first = await startAgent(agentOptions('10.0.0.1', 3_600_000));
  await eventually(() => drawn[MOVING] && hosts.length === 3, { ...TIMES, what: 'the others' });
  expect(hosts).toEqual(['10.0.0.1', STILL, MOVING]);
  expect(statusHosts).toEqual(hosts);

  const before = { ...draws };
  const drawsOf = (what: string) => (draws[what] ?? 0) - (before[what] ?? 0);
  await eventually(() => drawsOf(`full ${MOVING}`) >= 4, { ...TIMES, what: 'four samples of the other' });
  expect(drawsOf(`row ${MOVING}`)).toBeGreaterThanOrEqual(3);
  // The hub broadcasts twice as often.
  expect(drawsOf('list')).toBeLessThanOrEqual(drawsOf(`row ${MOVING}`) + 1);
  expect(drawsOf(`full ${STILL}`)).toBe(0);
  expect(drawsOf(`row ${STILL}`)).toBe(0);
});
