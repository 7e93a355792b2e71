import type { Inventory } from '@booner/protocol';
import { keepInventory, startSampler } from '@booner/sampler';
import { createFailureLog, type Logger, runLoop, sleep } from '@booner/service';
import type { Buses } from '../buses/open-buses.ts';
import type { HubConfig } from '../config/config.ts';
import { MAIN_SERVER, MainServerState } from './main-server.ts';
import type { FleetObserver } from './measured.ts';
import { observe } from './observe-sampler.ts';

/** Counters need two readings: the first sample waits this long after the start of the sampler. */
const FIRST_SAMPLE_AFTER_MS = 200;
/**
 * The first frame of the first client names the machine, if only by a brief inventory, which takes
 * 1.5 s.
 */
const INVENTORY_WAIT_MS = 2000;
/**
 * The machine is measured this long before each broadcast, so that a broadcast is fresh and waits
 * for no sensor.
 */
const MEASURE_BEFORE_BROADCAST_MS = 250;

export type StartMainServerDeps = {
  readonly buses: Pick<Buses, 'createLocalAgent'>;
  readonly config: Pick<HubConfig, 'intervalMs' | 'hostId' | 'label' | 'labels'>;
  readonly observer: Pick<FleetObserver, 'onMeasured'>;
  readonly version: string;
  readonly log: Logger;
};

/** The hub's machine: its measurements, and the loop that takes them. */
export type MainServerFeature = AsyncDisposable & {
  readonly state: MainServerState;
  run(options: { readonly signal: AbortSignal }): Promise<void>;
};

/** Starts measuring the hub's machine. Returns when the first sample has been taken. */
export async function startMainServer(
  { buses, config, observer, version, log }: StartMainServerDeps,
  { signal }: { readonly signal: AbortSignal },
): Promise<MainServerFeature> {
  const { intervalMs, label, labels } = config;
  await using starting = new AsyncDisposableStack();
  const state = new MainServerState();
  const sampler = observe(starting.use(await startSampler({}, { signal })), [
    (measurements) => state.measure(measurements, Date.now()),
    (measurements) => {
      const json = JSON.stringify(measurements);
      observer.onMeasured({
        subject: MAIN_SERVER,
        measurements,
        intervalMs,
        json,
        instance: null,
        version: null,
      });
    },
  ]);
  const agent = buses.createLocalAgent(sampler);
  if (agent !== null) state.publishAs(config.hostId);
  const described = Promise.withResolvers<void>();
  const onInventory = (inventory: Inventory) => {
    state.describe(inventory);
    agent?.describe(inventory);
    described.resolve();
  };
  const keepingInventory = keepInventory({ label, labels, version, logger: log, onInventory }, { signal });
  await sleep(FIRST_SAMPLE_AFTER_MS, signal);
  await sampler.sample();
  await Promise.race([described.promise, sleep(INVENTORY_WAIT_MS, signal)]);

  const failures = createFailureLog(log, {
    failing: 'this machine could not be measured',
    recovered: 'this machine is measured again',
  });
  const phaseMs = intervalMs - MEASURE_BEFORE_BROADCAST_MS;
  const stack = starting.move();
  return {
    state,
    async run({ signal }) {
      // The local agent's samples are those of the main server: one machine is measured once.
      const measuring =
        agent?.run({ signal }) ??
        runLoop({ run: () => sampler.sample(), intervalMs, phaseMs, failures }, { signal });
      await Promise.all([measuring, keepingInventory]);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
