import type { HookBus, ReadRecord } from '@booner/bus';
import type { Sha256, StoredHook } from '@booner/protocol';

type Hooks = ReadonlyMap<string, ReadRecord<StoredHook>>;

/** Hooks as they are stored now. They are read again only after a change. */
export class KnownHooks {
  readonly #bus: Pick<HookBus, 'readVersion' | 'readAll'>;
  #version = Number.NaN;
  #hooks: Hooks = new Map();
  #byKey = new Map<Sha256, ReadRecord<StoredHook>>();

  constructor(bus: Pick<HookBus, 'readVersion' | 'readAll'>) {
    this.#bus = bus;
  }

  /** By name. Rejects with `BusError`. */
  async all(): Promise<Hooks> {
    const { version } = await this.#bus.readVersion();
    if (version !== this.#version) {
      // What changes in between has a newer version, so it is read the next time.
      const hooks = await this.#bus.readAll();
      this.#hooks = hooks;
      this.#byKey = new Map([...hooks.values()].map((read) => [read.record.keySha256, read]));
      this.#version = version;
    }
    return this.#hooks;
  }

  /** Finds a hook by the hash of its key: at once after a rotation on any hub. */
  async byKey(keySha256: Sha256): Promise<ReadRecord<StoredHook> | null> {
    await this.all();
    return this.#byKey.get(keySha256) ?? null;
  }
}
