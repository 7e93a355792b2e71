import { startSimulatedFleet } from '../../packages/testkit/src/index.ts';

const COUNT = 20;
const INTERVAL_MS = 3000;
const ROLES = ['web', 'db', 'game', 'cache', 'build'];
/** This host stops soon after the start, and from then on comes back and stops in turns. */
const FLAPPING_INDEX = 6;
const FIRST_UP_MS = 10_000;
const UP_MS = 100_000;
const DOWN_MS = 50_000;

/** Starts hosts with a changing load: one busy, one with a full disk, one that comes and goes. */
export async function startSimulatedHosts(redisUrl) {
  const fleet = await startSimulatedFleet({
    redisUrl,
    count: COUNT,
    intervalMs: INTERVAL_MS,
    shape: shapeOf,
  });
  const host = fleet.hosts[FLAPPING_INDEX];
  function goDown() {
    fleet.silence(host);
    timer = setTimeout(comeBack, DOWN_MS);
  }
  function comeBack() {
    fleet.resume(host);
    timer = setTimeout(goDown, UP_MS);
  }
  let timer = setTimeout(goDown, FIRST_UP_MS);
  return {
    hosts: fleet.hosts,
    async [Symbol.asyncDispose]() {
      clearTimeout(timer);
      await fleet[Symbol.asyncDispose]();
    },
  };
}

function shapeOf(index) {
  const role = ROLES[index % ROLES.length];
  const number = Math.floor(index / ROLES.length) + 1;
  return {
    label: `${role} ${number}`,
    labels: { role, env: number % 2 === 1 ? 'prod' : 'staging' },
    loadAt: index === 13 ? wave({ low: 0.92, high: 0.99, periodMs: 240_000, phase: 0 }) : usualLoad(index),
    hasGpu: role === 'game',
    ...(index === 11 ? { rootUsageRatio: 0.93 } : {}),
  };
}

const usualLoad = (index) =>
  wave({
    low: 0.03 + 0.04 * (index % 4),
    high: 0.2 + 0.08 * (index % 7),
    periodMs: 120_000 + 35_000 * (index % 5),
    phase: index,
  });

/** Returns a load that swings between two shares, with a faster ripple and some noise. */
const wave =
  ({ low, high, periodMs, phase }) =>
  (atMs) => {
    const turn = (2 * Math.PI * atMs) / periodMs + phase;
    const swing = 0.5 + 0.4 * Math.sin(turn) + 0.1 * Math.sin(7 * turn);
    const noise = (Math.random() - 0.5) * 0.04;
    return Math.min(1, Math.max(0, low + (high - low) * swing + noise));
  };
