import type { RolloutBus, ScheduleBus } from '@booner/bus';
import { isRolloutSettled, type RolloutHead, type RolloutId, type StoredSchedule } from '@booner/protocol';
import type { FleetFacts } from '../states/state-kind.ts';

/** Rollouts that are kept, the newest. */
const KEPT = 200;
/** New ones that are looked for each time: one can begin and end in between. */
const NEWEST = 10;
/** All are read again after this long, in case more than that began at once. */
const READ_AGAIN_MS = 60_000;

export type FleetWorkDeps = {
  readonly rollouts: Pick<RolloutBus, 'readOpen' | 'readHead' | 'list'>;
  readonly schedules: Pick<ScheduleBus, 'readVersion' | 'readAll'>;
};

/** Rollouts and schedules as they are stored. Reads little unless something changes. */
export class FleetWork {
  readonly #deps: FleetWorkDeps;
  #rollouts = new Map<RolloutId, RolloutHead>();
  #readAtMs = Number.NEGATIVE_INFINITY;
  #schedules: readonly StoredSchedule[] = [];
  #version = Number.NaN;

  constructor(deps: FleetWorkDeps) {
    this.#deps = deps;
  }

  /** Forgets everything: another hub has looked at it meanwhile. */
  reset(): void {
    this.#readAtMs = Number.NEGATIVE_INFINITY;
    this.#version = Number.NaN;
  }

  /** Rejects with `BusError`. */
  async read(): Promise<FleetFacts> {
    const { schedules } = this.#deps;
    const nowMs = await this.#readRollouts();
    const { version } = await schedules.readVersion();
    if (version !== this.#version) {
      this.#schedules = [...(await schedules.readAll()).values()].map(({ record }) => record);
      this.#version = version;
    }
    return { nowMs, rollouts: [...this.#rollouts.values()], schedules: this.#schedules };
  }

  /** @returns the time of the bus */
  async #readRollouts(): Promise<number> {
    const { rollouts } = this.#deps;
    const readsAll = performance.now() - this.#readAtMs >= READ_AGAIN_MS;
    const { nowMs, versions } = await rollouts.readOpen();
    const page = await rollouts.list({ limit: readsAll ? KEPT : NEWEST });
    const known = readsAll ? new Map<RolloutId, RolloutHead>() : this.#rollouts;
    const listed = new Map(page.rollouts.map((head) => [head.id, head]));
    const isStale = ([id, version]: readonly [RolloutId, number | null]) =>
      !listed.has(id) && known.get(id)?.version !== version;
    const settled = [...known.values()].filter((head) => !isRolloutSettled(head) && !versions.has(head.id));
    const changed = [...versions, ...settled.map(({ id }) => [id, null] as const)].filter(isStale);
    const read = await Promise.all(changed.map(([id]) => rollouts.readHead(id)));
    const heads = [...known.values(), ...page.rollouts, ...read.filter((head) => head !== null)];
    const newest = [...new Map(heads.map((head) => [head.id, head])).values()]
      .toSorted((a, b) => b.createdAtMs - a.createdAtMs)
      .filter((head, index) => index < KEPT || !isRolloutSettled(head));
    this.#rollouts = new Map(newest.map((head) => [head.id, head]));
    if (readsAll) this.#readAtMs = performance.now();
    return nowMs;
  }
}
