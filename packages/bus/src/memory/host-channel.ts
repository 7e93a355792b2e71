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

/** What hubs and the runner of one host share: its presence, the tasks that it is offered, what it is told. */
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
  /** Whether a runner reads: one that went without a word holds its place for a while, and reads nothing. */
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
      if (!isRead(present())) return; // who takes the place gets all of them
      unread.push(offer.task);
      deliver();
    },
    withdraw: (task: TaskId) => void offers.delete(task),
    tell: (message: ControlMessage) => {
      control.push(JSON.stringify(message));
      if (control.length > MAX_CONTROL_MESSAGES) control.shift();
      deliver();
    },
    /** Instance of the runner that serves the host. */
    instance: (): string | null => present()?.reader.instance ?? null,
    /**
     * Takes the place of the host's runner, or stays in it.
     * @param displace whether an earlier start of the same runner gives way
     * @returns whether the place is this reader's
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
    /** Ends the reading; the presence stays until it expires, as that of a process that died. */
    abandon: (reader: ChannelReader) => {
      if (presence?.reader === reader) presence.expiresAtMs = Date.now() + PRESENCE_TTL_MS;
    },
    leave: (reader: ChannelReader) => {
      if (presence?.reader === reader) presence = null;
    },
    /** As if the presence had expired. */
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
