import { BusError, type TaskBus } from '@booner/bus';
import type { MemoryBus } from '@booner/bus/memory';
import { sleep } from '@booner/service';
import { startTestTaskHub, type TestTaskHub } from './test-task-hub.ts';

/** Faults of a {@link FaultyHub}. */
export const FAULTS = ['cut', 'hold', 'heal', 'restart'] as const;

/** A hub's task stream for tests. Its link to the bus can break or lag, and it can restart. */
export class FaultyHub {
  readonly #memory: MemoryBus;
  #hub: TestTaskHub | null = null;
  #isCut = false;
  #held = Promise.withResolvers<void>();

  constructor(memory: MemoryBus) {
    this.#memory = memory;
    this.#held.resolve();
  }

  async start(): Promise<void> {
    this.#hub = await startTestTaskHub(this.#memory, { wrap: (bus) => this.#breakable(bus) });
  }

  async restart(): Promise<void> {
    await this.#hub?.[Symbol.asyncDispose]();
    await this.start();
  }

  get url(): string {
    return this.#hub!.url;
  }

  cut(): void {
    this.#isCut = true;
  }

  /** Its news stop coming, while it reads what it asks for. */
  hold(): void {
    this.#held.resolve();
    this.#held = Promise.withResolvers();
  }

  heal(): void {
    this.#isCut = false;
    this.#held.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.heal();
    await this.#hub?.[Symbol.asyncDispose]();
  }

  #breakable(bus: TaskBus): TaskBus {
    const through =
      <A extends unknown[], R>(run: (...args: A) => Promise<R>) =>
      async (...args: A): Promise<R> => {
        if (this.#isCut) throw new BusError('disconnected', 'cut');
        const result = await run(...args);
        if (this.#isCut) throw new BusError('disconnected', 'cut');
        return result;
      };
    return {
      ...bus,
      connection: () =>
        this.#isCut ? { state: 'disconnected', sinceMs: 0, reason: 'cut' } : bus.connection(),
      whenConnected: async (signal) => {
        while (this.#isCut) if (!(await sleep(10, signal))) return false;
        return bus.whenConnected(signal);
      },
      readBoard: through(bus.readBoard),
      read: through(bus.read),
      readEvents: through(bus.readEvents),
      readLastCursor: through(bus.readLastCursor),
      nextEvents: through(async (after, max) => {
        await this.#held.promise;
        return bus.nextEvents(after, max);
      }),
    };
  }
}
