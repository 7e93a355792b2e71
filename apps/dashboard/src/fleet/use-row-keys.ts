import { useRouter } from '@tanstack/react-router';
import {
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
  type RefObject,
  useEffect,
  useRef,
  useState,
} from 'react';

export type RowKeysOptions = {
  readonly container: RefObject<HTMLElement | null>;
  /** Of the rows, in their order. */
  readonly hosts: readonly string[];
  /** How many stand beside each other. */
  readonly lanes: number;
  /** How many a page up or down goes. */
  readonly pageRows: number;
};

/**
 * Arrow keys among the rows of a list: one link of them is in the order of Tab, the arrows go to the others, also to those that are not
 * drawn yet. Each row MUST have `data-host` and contain its link. A click anywhere in a row is one on its link.
 */
export function useRowKeys({ container, hosts, lanes, pageRows }: RowKeysOptions) {
  const [active, setActive] = useState<string | null>(null);
  const [hasFocus, setHasFocus] = useState(false);
  const router = useRouter();
  const isPreloaded = useRef(false);
  const isMoving = useRef(false);
  const scrollTo = useRef<((index: number) => void) | null>(null);
  const linkOf = (host: string) =>
    container.current?.querySelector<HTMLAnchorElement>(`[data-host="${CSS.escape(host)}"] a`) ?? null;

  const at = active === null ? -1 : hosts.indexOf(active);
  useEffect(() => {
    if (!isMoving.current || active === null) return;
    if (at < 0) isMoving.current = false; // it is gone, and shall not take the focus when it comes back
    const link = linkOf(active);
    if (link === null) return; // the row is drawn with the next render
    isMoving.current = false;
    link.focus({ preventScroll: true });
  });

  const goTo = (index: number) => {
    const next = Math.min(hosts.length - 1, Math.max(0, index));
    const host = hosts[next];
    if (host === undefined) return;
    isMoving.current = true;
    setActive(host);
    scrollTo.current?.(next);
  };
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: lanes,
    ArrowUp: -lanes,
    PageDown: pageRows * lanes,
    PageUp: -pageRows * lanes,
    ...(lanes > 1 && { ArrowRight: 1, ArrowLeft: -1 }),
  };
  return {
    /** Takes what brings a row into sight. */
    scrollTo,
    /** The index of the row that Tab goes to. */
    tabStop: Math.max(0, at),
    /** The index of the row that has the focus. */
    focused: hasFocus && at >= 0 ? at : null,
    goToFirst: () => goTo(0),
    handlers: {
      onKeyDown(event: KeyboardEvent<HTMLElement>) {
        if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
        if (!(event.target instanceof HTMLAnchorElement)) return;
        const step = steps[event.key];
        if (step !== undefined) goTo(at + step);
        else if (event.key === 'Home') goTo(0);
        else if (event.key === 'End') goTo(hosts.length - 1);
        else return;
        event.preventDefault();
      },
      onFocus(event: { readonly target: EventTarget }) {
        const host = hostAt(event.target);
        setHasFocus(host !== null);
        if (host !== null) setActive(host);
      },
      onBlur: () => setHasFocus(false),
      onClick(event: MouseEvent<HTMLElement>) {
        const host = hostAt(event.target);
        if (host === null) return;
        const isOnLink = event.target instanceof Element && event.target.closest('a') !== null;
        if (event.ctrlKey || event.metaKey || event.shiftKey) {
          // Of a link the browser knows itself what is meant.
          if (!isOnLink && !event.shiftKey) window.open(linkOf(host)?.href, '_blank', 'noopener');
          return;
        }
        if (!isOnLink && hasSelection()) return;
        event.preventDefault();
        void router.navigate({ ...TARGET, params: { host } });
      },
      onPointerOver(event: PointerEvent<HTMLElement>) {
        const host = hostAt(event.target);
        if (host === null || isPreloaded.current) return;
        isPreloaded.current = true; // the page's code; it is the same for all hosts
        void router.preloadRoute({ ...TARGET, params: { host } });
      },
    },
  };
}

const TARGET = { to: '/dashboard/targets/$host' } as const;

const hostAt = (target: EventTarget): string | null =>
  target instanceof Element ? (target.closest('[data-host]')?.getAttribute('data-host') ?? null) : null;

/** Who marks text to copy it does not want to go elsewhere. */
const hasSelection = (): boolean => getSelection()?.isCollapsed === false;
