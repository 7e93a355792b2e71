import type { HostId, SecretPut, StoredSecret } from '@booner/protocol';
import type { BusSide } from './ports.ts';

/** A secret of one host. */
export type SecretPlace = { readonly name: string; readonly host: HostId };

/** A secret that only the runner with this key can open. */
export type SealedSecret = SecretPut['targets'][number];

/** A hub's side of the bus, for secrets. Every method rejects with `BusError`. */
export type SecretBus = BusSide & {
  /** Where secrets are set, without values. Entries that cannot be parsed are absent. */
  list(): Promise<readonly StoredSecret[]>;
  /** Secrets of a host by name. Those that are not set are absent. */
  read(host: HostId, names: readonly string[]): Promise<ReadonlyMap<string, SealedSecret>>;
  /**
   * Sets a secret for some hosts, or replaces it.
   * @returns `full`: there would be more than {@link MAX_SECRETS}, and nothing was changed
   */
  put(
    name: string,
    secrets: readonly SealedSecret[],
    by: Pick<StoredSecret, 'setAtMs' | 'setBy'>,
  ): Promise<'stored' | 'full'>;
  /** Removes secrets. Those that are not set are ignored. */
  remove(places: readonly SecretPlace[]): Promise<void>;
};
