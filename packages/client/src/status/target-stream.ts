import type { StatusPatch, StatusSnapshot, Target } from '@booner/protocol';
import { DEFAULT_INTERVAL_MS } from '@booner/protocol/limits';
import type { Stream } from '../connection/stream-link.ts';
import { BoonerError } from '../http/booner-error.ts';
import type { Rest } from '../http/rest.ts';
import { shareStructure } from '../store/share-structure.ts';
import type { WritableStore } from '../store/store.ts';
import { readStatusMessage } from './fleet.ts';

export type TargetState =
  | { readonly type: 'loading' }
  | { readonly type: 'found'; readonly target: Target }
  /** No target has this name. */
  | { readonly type: 'unknown' };

export type TargetStreamDeps = {
  readonly rest: Rest;
  readonly url: () => string;
  /** Stores of the watched hosts. */
  readonly stores: ReadonlyMap<string, WritableStore<TargetState>>;
};

export type TargetStream = Stream & {
  /** The set of watched hosts has changed. */
  rescope(): void;
};

const UNKNOWN: TargetState = { type: 'unknown' };

/**
 * Some targets in full, over a WebSocket of their own: a stream has one level of detail, and a page
 * shows the fleet in brief as well.
 */
export function createTargetStream({ rest, url, stores }: TargetStreamDeps): TargetStream {
  let send: ((message: object) => void) | null = null;
  let sequence: number | null = null;
  let intervalMs = DEFAULT_INTERVAL_MS;
  /**
   * Unanswered subscriptions. Until they are answered, a missing host may simply not have been
   * requested.
   */
  let unanswered = 0;

  const subscribe = () => {
    sequence = null;
    if (send !== null) unanswered++;
    send?.({ type: 'subscribe', hosts: [...stores.keys()], detail: 'full' });
  };
  const put = (target: Target) => {
    const store = stores.get(target.host);
    if (store === undefined) return;
    const state = store.getSnapshot();
    const before = state.type === 'found' ? state.target : undefined;
    const shared = shareStructure(before, target);
    if (shared !== before) store.set({ type: 'found', target: shared });
  };
  const take = (message: StatusSnapshot | StatusPatch) => {
    for (const target of message.targets) if ('sample' in target) put(target);
    for (const host of missingIn(message)) stores.get(host)?.set(UNKNOWN);
  };
  const missingIn = (message: StatusSnapshot | StatusPatch): readonly string[] => {
    if (message.type === 'patch') return message.removedHosts;
    if (unanswered > 0) return [];
    const present = new Set<string>(message.targets.map(({ host }) => host));
    return [...stores.keys()].filter((host) => !present.has(host));
  };

  return {
    url,
    isRegular: true,
    intervalMs: () => intervalMs,
    onOpening() {
      sequence = null;
      unanswered = 0;
    },
    onOpen(sendMessage) {
      send = sendMessage;
      subscribe();
    },
    onLost() {
      send = null;
      sequence = null;
    },
    receive(document) {
      if (document.type === 'error') unanswered = Math.max(0, unanswered - 1); // the hub refused it
      const message = readStatusMessage(document);
      if (message === null) return;
      intervalMs = message.intervalMs;
      if (message.type === 'snapshot') {
        // the initial one, of the whole fleet in brief
        if (message.targets.some((target) => !('sample' in target))) return;
        unanswered = Math.max(0, unanswered - 1);
        sequence = message.sequence;
      } else {
        if (sequence === null) return;
        if (message.sequence !== sequence + 1) return subscribe();
        sequence = message.sequence;
      }
      take(message);
    },
    async poll(signal) {
      const hosts = [...stores.keys()];
      const targets = await Promise.all(hosts.map((host) => readTarget(rest, host, signal)));
      signal.throwIfAborted();
      for (const [index, target] of targets.entries()) {
        if (target === null) stores.get(hosts[index] ?? '')?.set(UNKNOWN);
        else put(target);
      }
    },
    rescope: subscribe,
  };
}

async function readTarget(rest: Rest, host: string, signal: AbortSignal): Promise<Target | null> {
  try {
    const target = (await rest({ path: `targets/${encodeURIComponent(host)}`, signal })) as Target;
    if (target?.host === undefined) throw new Error('GET /targets/:host did not return a target');
    return target;
  } catch (error) {
    if (error instanceof BoonerError && error.code === 'not_found') return null;
    throw error;
  }
}
