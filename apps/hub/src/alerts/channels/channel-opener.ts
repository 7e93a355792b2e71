import type { SealingKey } from '../../sealing/sealing-key.ts';
import { type Opened, openChannel, type StoredChannel } from './stored-channel.ts';

/** A stored channel with its secrets, or why it cannot be used. */
type OpenedChannel = Opened & {
  /** Changes each time the channel is saved. */
  readonly version: string;
};

export type ChannelOpener = {
  /** Opens a channel by name. Returns `null` if there is none. */
  open(name: string): Promise<OpenedChannel | null>;
};

export type ChannelOpenerDeps = {
  readonly channels: () => ReadonlyMap<string, StoredChannel>;
  readonly sealingKey: SealingKey;
};

/** Creates what opens the channels that this hub knows. Each is opened once until it changes. */
export function createChannelOpener({ channels, sealingKey }: ChannelOpenerDeps): ChannelOpener {
  const opened = new WeakMap<StoredChannel, Promise<Opened>>();
  return {
    async open(name) {
      const stored = channels().get(name);
      if (stored === undefined) return null;
      const opening = opened.get(stored) ?? openStored(name, stored, sealingKey);
      opened.set(stored, opening);
      return { ...(await opening), version: versionOf(stored) };
    },
  };
}

/** Opens a stored channel if this hub has the key that it needs. */
export async function openStored(
  name: string,
  stored: StoredChannel,
  sealingKey: SealingKey,
): Promise<Opened> {
  if (sealingKey.ok) return openChannel(stored, { name, key: sealingKey.key });
  const { reason } = sealingKey;
  return stored.sealed === '' ? openChannel(stored, { name, key: NO_KEY }) : { ok: false, reason };
}
/** For channels without secrets. */
const NO_KEY = new Uint8Array();

/** Each sealing is new, even of the same secrets. */
const versionOf = ({ settings, sealed }: StoredChannel): string =>
  sealed === '' ? JSON.stringify(settings) : sealed;
