import { expect, it } from 'vitest';
import { createWakeWatch } from '../connection/wake-watch.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { steadyTime } from './clock.ts';
import { createDemand } from './demand.ts';
import { createPaced } from './paced.ts';

it('returns a time that includes sleep and does not go back when the wall clock is set back', () => {
  const clock = createFakeClock();
  const nowMs = steadyTime(clock);
  const startMs = nowMs();
  expect(startMs).toBe(clock.wallMs());
  clock.pass(500);
  expect(nowMs() - startMs).toBe(500);
  clock.sleep(3_600_000);
  expect(nowMs() - startMs).toBe(3_600_500);
  clock.set(-60_000);
  clock.pass(100);
  expect(nowMs() - startMs).toBe(3_600_600);
});

function watchWaking() {
  const clock = createFakeClock();
  let wakings = 0;
  const watch = createWakeWatch({ clock, nowMs: steadyTime(clock), onWoke: () => wakings++ });
  watch.start();
  return { clock, watch, wakings: () => wakings };
}

it('notices within a second of waking that the machine slept, once', () => {
  const { clock, watch, wakings } = watchWaking();
  clock.pass(60_000);
  expect(wakings()).toBe(0);
  clock.sleep(30_000);
  clock.pass(1000);
  expect(wakings()).toBe(1);
  clock.pass(60_000);
  expect(wakings()).toBe(1);
  watch.stop();
  clock.sleep(30_000);
  clock.pass(60_000);
  expect(wakings()).toBe(1);
});

it('notices by a message that the machine slept, and takes no slow timer for a sleep while messages come', () => {
  const { clock, watch, wakings } = watchWaking();
  clock.sleep(30_000);
  watch.observe();
  expect(wakings()).toBe(1);
  for (let message = 0; message < 20; message++) {
    clock.sleep(3000); // timers of a hidden page do not run
    watch.observe();
  }
  expect(wakings()).toBe(1);
});

it('starts once for all holds, and stops a while after the last', () => {
  const clock = createFakeClock();
  const steps: string[] = [];
  const options = { clock, lingerMs: 5000, start: () => steps.push('start'), stop: () => steps.push('stop') };
  const demand = createDemand(options);
  const first = demand.hold();
  const second = demand.hold();
  first();
  first();
  clock.pass(60_000);
  expect(steps).toEqual(['start']);
  second();
  clock.pass(4000);
  const third = demand.hold(); // a view that is left and entered again
  clock.pass(60_000);
  expect(steps).toEqual(['start']);
  third();
  clock.pass(5000);
  expect(steps).toEqual(['start', 'stop']);
  demand.hold();
  demand.end();
  demand.hold();
  expect(steps).toEqual(['start', 'stop', 'start', 'stop']);
});

it('runs at once what is asked for, and a burst as one run after the pause', () => {
  const clock = createFakeClock();
  let runs = 0;
  const paced = createPaced(() => runs++, 50, clock);
  paced.request();
  expect(runs).toBe(1);
  for (let request = 0; request < 10; request++) paced.request();
  expect(runs).toBe(1);
  clock.pass(50);
  expect(runs).toBe(2);
  clock.pass(500);
  expect(runs).toBe(2);
  paced.request();
  paced.request();
  paced.cancel();
  clock.pass(500);
  expect(runs).toBe(3);
});
