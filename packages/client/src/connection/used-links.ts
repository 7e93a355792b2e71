import { createStore, type Store } from '../store/store.ts';
import type { Clock } from '../time/clock.ts';
import { createDemand, type Demand } from '../time/demand.ts';
import { type ConnectionState, worstOf } from './connection-state.ts';
import type { StreamLink } from './stream-link.ts';

/** A link stays up for this long after it was last watched: views come and go. */
const LINGER_MS = 5000;

export type UsedLinks = {
  /** The worst state of the links in use. */
  readonly connection: Store<ConnectionState>;
  /** Starts the link when it is needed, and stops it when it is not. */
  add(link: StreamLink): Demand;
  all(): readonly StreamLink[];
  /** Shows permanently that the client is closed. All links MUST be stopped. */
  end(): void;
};

const UNUSED: ConnectionState = {
  type: 'connecting',
  reason: { code: 'idle', detail: 'nothing needs data now' },
  sinceMs: 0,
  dataAtMs: null,
};

/**
 * @param onUse called with `true` when the first link starts, with `false` when the last one stops
 */
export function createUsedLinks(clock: Clock, onUse: (isUsed: boolean) => void): UsedLinks {
  const links: StreamLink[] = [];
  const used = new Set<StreamLink>();
  const connection = createStore<ConnectionState>(UNUSED);
  const refresh = () => {
    const states = links.filter((link) => used.has(link)).map((link) => link.connection.getSnapshot());
    connection.set(worstOf(states) ?? UNUSED);
  };

  return {
    connection,
    all: () => links,
    end() {
      for (const link of links) link.end();
      connection.set(worstOf(links.map((link) => link.connection.getSnapshot())) ?? UNUSED);
    },
    add(link) {
      links.push(link);
      link.connection.subscribe(refresh);
      return createDemand({
        clock,
        lingerMs: LINGER_MS,
        start() {
          used.add(link);
          if (used.size === 1) onUse(true);
          link.input({ type: 'start' });
          refresh();
        },
        stop() {
          used.delete(link);
          if (used.size === 0) onUse(false);
          link.input({ type: 'stop' });
          refresh();
        },
      });
    },
  };
}
