import type { Outcome, TaskStatus } from '@booner/protocol';
import fc from 'fast-check';
import { CANCELLED, COMPLETED, FAILED } from '../task-factory.ts';
import type { CrashPoint } from './simulated-runner.ts';
import { expectLegalMoves, type Seen } from './task-invariants.ts';
import type { TaskWorld } from './task-world.ts';

type Step = { readonly name: string; readonly run: (world: TaskWorld) => Promise<unknown> };

const hub = fc.nat(1);
/** Mostly the state that the runner had before. */
const state = fc.constantFrom('same', 'same', 'same', 'other' as const);
const index = fc.nat(7);
const outcome = fc.constantFrom<Outcome[]>(COMPLETED, FAILED, CANCELLED);
const status = fc.constantFrom<TaskStatus[]>('queued', 'running', 'completed', 'failed', 'cancelled');
const crashPoint = fc.oneof(
  { weight: 8, arbitrary: fc.constant<CrashPoint>('never') },
  {
    weight: 1,
    arbitrary: fc.constantFrom<CrashPoint[]>('before the journal', 'before the spawn', 'after the spawn'),
  },
);
const kind = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ idempotent: false, external: false }) },
  { weight: 2, arbitrary: fc.constant({ idempotent: true, external: false }) },
  { weight: 1, arbitrary: fc.constant({ idempotent: false, external: true }) },
);

/** A step of a name and its arguments, which are all that a failure has to print. */
const step = <A extends unknown[]>(
  weight: number,
  name: string,
  args: { [K in keyof A]: fc.Arbitrary<A[K]> },
  run: (world: TaskWorld, ...args: A) => Promise<unknown>,
) => ({
  weight,
  arbitrary: fc.tuple(...args).map(
    (values): Step => ({
      name: `${name}(${values.map((v) => JSON.stringify(v))})`,
      run: (w) => run(w, ...(values as A)),
    }),
  ),
});

const hubSteps = [
  step(4, 'create', [hub, kind], (world, h, k) => world.create(h, k)),
  step(8, 'readReport', [hub], (world, h) => world.readReport(h)),
  step(10, 'applyReport', [hub], (world, h) => world.applyReport(h)),
  step(10, 'readAndApply', [hub], (world, h) => world.readAndApply(h)),
  step(2, 'takeOver', [hub], (world, h) => world.takeOver(h)),
  step(1, 'cancel', [hub, index], (world, h, task) => world.cancel(h, task)),
  step(1, 'repeatCancel', [hub, index], (world, h, task) => world.repeatCancel(h, task)),
  step(1, 'change', [hub, index, status], (world, h, task, to) => world.change(h, task, to)),
  step(2, 'endLost', [hub, index], (world, h, task) => world.endLost(h, task)),
];

const runnerSteps = [
  step(16, 'runnerReads', [fc.integer({ min: 1, max: 4 }), crashPoint], (world, count, point) =>
    world.runnerReads(count, point),
  ),
  step(10, 'claim', [index], (world, task) => world.claim(task)),
  step(4, 'progress', [index, fc.nat(100)], (world, task, percent) => world.progress(task, percent)),
  step(4, 'finish', [index, outcome], (world, task, end) => world.finish(task, end)),
  step(2, 'repeatEnds', [], (world) => world.repeatEnds()),
  step(3, 'repeatReport', [index], (world, report) => world.repeatReport(report)),
];

const faults = [
  step(2, 'restart', [state], (world, which) => world.restart(which)),
  step(4, 'loseRunner', [hub, fc.constantFrom('crashed', 'cut off'), fc.boolean()], (world, h, how, lost) =>
    world.loseRunner(h, how, lost),
  ),
  step(2, 'renew', [], (world) => world.renew()),
  step(1, 'killHub', [hub], (world, h) => world.killHub(h)),
];

const anyHubStep = fc.oneof(...hubSteps);

/** Two things that hubs do at once. */
const together = fc.tuple(anyHubStep, anyHubStep).map(
  ([a, b]): Step => ({
    name: `together(${a.name}, ${b.name})`,
    run: (world) => Promise.all([a.run(world), b.run(world)]),
  }),
);

/** All events that can happen to tasks, in any order. A step that does not apply has no effect. */
export const taskCommands = (maxCommands: number) =>
  fc.commands(
    [
      fc
        .oneof(...hubSteps, ...runnerSteps, ...faults, { weight: 4, arbitrary: together })
        .map(({ name, run }) => ({
          check: () => true,
          run: async (seen: Seen, world: TaskWorld) => {
            await run(world);
            await expectLegalMoves(seen, world);
          },
          toString: () => name,
        })),
    ],
    { maxCommands, size: 'max' },
  );
