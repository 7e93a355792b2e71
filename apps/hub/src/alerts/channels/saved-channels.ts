import type { AlertBus } from '@booner/bus';
import type { ListedChannel } from '@booner/protocol';
import { MAX_ALERT_SETTINGS } from '@booner/protocol/limits';
import type { SealingKey } from '../../sealing/sealing-key.ts';
import { openStored } from './channel-opener.ts';
import type { ChannelSettings } from './channels.ts';
import { hasSecrets, type Opened, type StoredChannel, sealChannel, showChannel } from './stored-channel.ts';

export type SavedChannelsDeps = {
  readonly bus: Pick<AlertBus, 'putSetting' | 'removeSetting'>;
  readonly settings: {
    readonly isLoaded: boolean;
    channels(): ReadonlyMap<string, StoredChannel>;
    /** Reads the channels from the bus again. Rejects with BusError. */
    read(kinds: readonly 'channels'[]): Promise<void>;
  };
  readonly sealingKey: SealingKey;
};

/** A channel with its secrets, if this hub can open them. */
export type SavedChannel = {
  readonly name: string;
  readonly stored: StoredChannel;
  readonly opened: Opened;
};

export type SaveOutcome =
  | { readonly type: 'saved'; readonly channel: ListedChannel }
  | { readonly type: 'full' }
  | { readonly type: 'no_key'; readonly reason: string };

/** What routes do with channels. All methods reject with BusError. */
export function createSavedChannels({ bus, settings, sealingKey }: SavedChannelsDeps) {
  let last: Promise<unknown> = Promise.resolve();

  const open = async (name: string, stored: StoredChannel): Promise<SavedChannel> => ({
    name,
    stored,
    opened: await openStored(name, stored, sealingKey),
  });
  const load = async () => {
    if (!settings.isLoaded) await settings.read(['channels']);
    return settings.channels();
  };
  const refresh = () => settings.read(['channels']);

  return {
    all: async (): Promise<readonly SavedChannel[]> =>
      Promise.all([...(await load())].map(([name, stored]) => open(name, stored))),
    find: async (name: string): Promise<SavedChannel | null> => {
      const known = (await load()).get(name);
      if (known === undefined) await refresh(); // another hub may have saved it just now
      const stored = known ?? settings.channels().get(name);
      return stored === undefined ? null : open(name, stored);
    },
    /** Runs changes one after another, each with what is stored then. */
    change: <T>(name: string, run: (previous: SavedChannel | null) => Promise<T>): Promise<T> => {
      const changing = last.then(async () => {
        await refresh();
        const stored = settings.channels().get(name);
        return run(stored === undefined ? null : await open(name, stored));
      });
      last = changing.catch(() => {});
      return changing;
    },
    save: async (name: string, given: ChannelSettings, isDefault: boolean): Promise<SaveOutcome> => {
      if (!sealingKey.ok && hasSecrets(given)) return { type: 'no_key', reason: sealingKey.reason };
      const key = sealingKey.ok ? sealingKey.key : new Uint8Array(); // seals nothing
      const stored: StoredChannel = { ...(await sealChannel(given, { name, key })), isDefault };
      if ((await bus.putSetting('channels', name, asJson(stored), MAX_ALERT_SETTINGS)) === 'full') {
        return { type: 'full' };
      }
      await refresh();
      return {
        type: 'saved',
        channel: listedChannel({ name, stored, opened: { ok: true, settings: given } }),
      };
    },
    /** @returns `false` if there was none */
    remove: async (name: string): Promise<boolean> => {
      const wasThere = await bus.removeSetting('channels', name);
      await refresh();
      return wasThere;
    },
  };
}

/** Without the fields that are not set. */
const asJson = (stored: StoredChannel) => JSON.parse(JSON.stringify(stored));

/** Returns a channel as people see it. */
export function listedChannel({ name, stored, opened }: SavedChannel): ListedChannel {
  const { isDefault, settings } = stored;
  if (opened.ok) return { ...showChannel(opened.settings), name, isDefault, issue: null };
  const type = settings.type as ListedChannel['type'];
  return { ...settings, type, secrets: [], name, isDefault, issue: opened.reason };
}
