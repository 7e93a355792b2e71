import type { Connect } from '../connection/connect.ts';
import type { Page } from '../connection/page.ts';
import type { Rest } from '../http/rest.ts';
import { createKeyedStores } from '../store/keyed-stores.ts';
import type { Store } from '../store/store.ts';
import type { Clock } from '../time/clock.ts';
import { createTargetStream, type TargetState } from './target-stream.ts';

/**
 * A page hidden for longer gets no details, which nobody sees. The fleet in brief continues, for
 * notifications and the title.
 */
const NARROW_AFTER_MS = 10_000;

export type TargetPart = {
  /** One target in full: inventory and last sample. The same store for the same host. */
  target(host: string): Store<TargetState>;
};

export type TargetPartDeps = {
  readonly rest: Rest;
  readonly connect: Connect;
  readonly url: () => string;
  readonly page: Page;
  readonly clock: Clock;
};

export function createTargetPart({ rest, connect, url, page, clock }: TargetPartDeps) {
  const stores = createKeyedStores<TargetState>({
    initial: () => ({ type: 'loading' }),
    onWatched() {
      stream.rescope();
      fit();
      return () => {
        if (stores.watched.size > 0) stream.rescope();
        fit();
      };
    },
  });
  const stream = createTargetStream({ rest, url, stores: stores.watched });
  const { connection, demand } = connect(stream);
  let release: (() => void) | null = null;
  let isNarrowed = false;
  let cancelNarrowing: (() => void) | null = null;

  /** Holds the stream while a target is watched and the page is visible. */
  function fit(): void {
    const isNeeded = stores.watched.size > 0 && !isNarrowed;
    if (isNeeded) release ??= demand.hold();
    else {
      release?.();
      release = null;
    }
  }
  const onVisibility = () => {
    cancelNarrowing?.();
    cancelNarrowing = null;
    if (page.isHidden()) {
      cancelNarrowing = clock.after(NARROW_AFTER_MS, () => {
        isNarrowed = true;
        fit();
      });
    } else if (isNarrowed) {
      isNarrowed = false;
      fit();
    }
  };
  const leavePage = page.onChange(onVisibility);
  const part: TargetPart = { target: (host) => stores.get(host.toLowerCase()) };
  return {
    part,
    connection,
    close() {
      leavePage();
      cancelNarrowing?.();
      demand.end();
    },
  };
}
