import { type RefObject, useEffect, useMemo, useRef, useSyncExternalStore } from 'react';

/** A list is held this long after the last movement of the pointer over it. */
const HOLD_MS = 4000;

type Named = { readonly host: string };

/**
 * Returns the items in the order in which they were when the pointer began to move over the list,
 * so that nothing moves under it. New items are appended.
 * @param key of what the user chose to see: another one is shown at once
 */
export function useHeldOrder<T extends Named>(
  box: RefObject<HTMLElement | null>,
  items: readonly T[],
  key: string,
): readonly T[] {
  const isPointed = useIsPointed(box);
  const shown = useRef<{ readonly key: string; readonly hosts: readonly string[] }>({ key, hosts: [] });
  const isHeld = isPointed && shown.current.key === key;
  const held = useMemo(() => (isHeld ? keepOrder(shown.current.hosts, items) : items), [isHeld, items]);
  useEffect(() => {
    shown.current = { key, hosts: held.map(({ host }) => host) };
  }, [key, held]);
  return held;
}

/** Returns the items in an earlier order of their hosts, and new ones after them. */
export function keepOrder<T extends Named>(hosts: readonly string[], items: readonly T[]): readonly T[] {
  const byHost = new Map(items.map((item) => [item.host, item]));
  const known = new Set(hosts);
  const kept = hosts.flatMap((host) => byHost.get(host) ?? []);
  return [...kept, ...items.filter(({ host }) => !known.has(host))];
}

function useIsPointed(box: RefObject<HTMLElement | null>): boolean {
  const store = useMemo(() => createPointed(box), [box]);
  return useSyncExternalStore(store.subscribe, store.getSnapshot);
}

/** A pointer that lies still, as on a screen on the wall, holds nothing. */
function createPointed(box: RefObject<HTMLElement | null>) {
  let isPointed = false;
  return {
    getSnapshot: () => isPointed,
    subscribe(listener: () => void) {
      const end = new AbortController();
      let timer: ReturnType<typeof setTimeout> | undefined;
      const set = (next: boolean) => {
        clearTimeout(timer);
        if (next) timer = setTimeout(set, HOLD_MS, false);
        if (isPointed === next) return;
        isPointed = next;
        listener();
      };
      const options = { signal: end.signal, passive: true };
      for (const type of ['pointermove', 'pointerdown'] as const) {
        box.current?.addEventListener(type, () => set(true), options);
      }
      box.current?.addEventListener(
        'pointerleave',
        ({ pointerType }) => {
          if (pointerType === 'mouse') set(false); // a finger that was lifted may tap again
        },
        options,
      );
      return () => {
        end.abort();
        clearTimeout(timer);
        isPointed = false;
      };
    },
  };
}
