import {
  type ControlMessage,
  type HostId,
  isSameRunner,
  PRESENCE_TTL_MS,
  type RunnerPresence,
  runnerPresenceSchema,
  type TaskId,
  type TaskOffer,
} from '@booner/protocol';
import { CONFLICT_TTL_MS, MAX_CONTROL_MESSAGES } from '../limits.ts';
import type { Runner } from '../task-ports.ts';

/** A runner that reads the channel. */
export type ChannelReader = {
  readonly instance: string;
  onOffer(offer: TaskOffer): void;
  onControl(message: ControlMessage): void;
};

type Presence = { readonly reader: ChannelReader; json: string; expiresAtMs: number };

export type HostChannel = ReturnType<typeof createHostChannel>;

/** State that hubs and the runner of one host share: its presence, offers and control messages. */
export function createHostChannel(host: HostId) {
  const offers = new Map<TaskId, string>();
  const control: string[] = [];
  let unread: TaskId[] = [];
  let presence: Presence | null = null;
  let conflictUntilMs = 0;
  let draining = false;

  const present = (): Presence | null => {
    if (presence !== null && presence.expiresAtMs <= Date.now()) presence = null;
    return presence;
  };
  /**
   * Returns true if a runner reads. One that crashed keeps its place for a while without reading.
   */
  const isRead = (held: Presence | null): held is Presence => held?.expiresAtMs === Number.POSITIVE_INFINITY;
  const deliver = () => {
    if (draining) return;
    draining = true;
    queueMicrotask(() => {
      draining = false;
      const held = present();
      if (!isRead(held)) return;
      const message = control.shift();
      if (message !== undefined) held.reader.onControl(JSON.parse(message) as ControlMessage);
      else {
        const offer = offers.get(unread.shift() as TaskId);
        if (offer !== undefined) held.reader.onOffer(JSON.parse(offer) as TaskOffer);
      }
      if (control.length > 0 || unread.length > 0) deliver();
    });
  };

  return {
    offer: (offer: TaskOffer) => {
      offers.set(offer.task, JSON.stringify(offer));
      if (!isRead(present())) return; // the next runner gets all offers
      unread.push(offer.task);
      deliver();
    },
    withdraw: (task: TaskId) => void offers.delete(task),
    send: (message: ControlMessage) => {
      control.push(JSON.stringify(message));
      if (control.length > MAX_CONTROL_MESSAGES) control.shift();
      deliver();
    },
    /** Returns the instance of the runner that serves the host. */
    instance: (): string | null => present()?.reader.instance ?? null,
    /**
     * Takes or keeps the place of the host's runner.
     * @param displace replaces an earlier start of the same runner
     * @returns `false` if another runner has the place
     */
    serve: (reader: ChannelReader, json: string, displace: boolean): boolean => {
      const held = present();
      if (held?.reader === reader) {
        held.json = json;
        return true;
      }
      const isOwn = held?.reader.instance === reader.instance;
      const givesWay = displace && held !== null && isSameRunner(held.reader.instance, reader.instance);
      if (held !== null && !isOwn && !givesWay) return false;
      presence = { reader, json, expiresAtMs: Number.POSITIVE_INFINITY };
      unread = [...offers.keys()];
      deliver();
      return true;
    },
    /** Stops reading. The presence stays until it expires, as after a crash. */
    abandon: (reader: ChannelReader) => {
      if (presence?.reader === reader) presence.expiresAtMs = Date.now() + PRESENCE_TTL_MS;
    },
    leave: (reader: ChannelReader) => {
      if (presence?.reader === reader) presence = null;
    },
    /** Removes the presence as if it had expired. */
    expire: () => {
      presence = null;
    },
    flagConflict: () => {
      conflictUntilMs = Date.now() + CONFLICT_TTL_MS;
    },
    runner: (): Runner | null => {
      const held = present();
      if (held === null) return null;
      const parsed: RunnerPresence = runnerPresenceSchema.parse(JSON.parse(held.json));
      return { host, presence: parsed, conflict: Date.now() < conflictUntilMs };
    },
  };
}
