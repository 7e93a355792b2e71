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
  /** Hosts of the rows, in order. */
  readonly hosts: readonly string[];
  /** Rows beside each other. */
  readonly lanes: number;
  /** Rows per page up or down. */
  readonly pageRows: number;
  /** Targets are being selected: a click does this instead of following the link. */
  readonly onSelect?: ((host: string) => void) | undefined;
};

/**
 * Arrow keys for the rows of a list. Tab reaches one link, and the arrows reach all others, even
 * rows that are not rendered yet. Each row MUST have `data-host` and contain its link
 * first. A click anywhere else in a row follows it.
 */
export function useRowKeys({ container, hosts, lanes, pageRows, onSelect }: RowKeysOptions) {
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
    // the row is gone and must not take the focus when it returns
    if (at < 0) isMoving.current = false;
    const link = linkOf(active);
    if (link === null) return; // the row renders next
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
    /** Receives the function that scrolls a row into sight. */
    scrollTo,
    /** Index of the row that Tab reaches. */
    tabStop: Math.max(0, at),
    /** Index of the focused row. */
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
        if (onSelect !== undefined) {
          if (!(event.target instanceof HTMLInputElement)) event.preventDefault();
          onSelect(host);
          return;
        }
        const link = event.target instanceof Element ? event.target.closest('a') : null;
        const isOnLink = link !== null;
        if (event.ctrlKey || event.metaKey || event.shiftKey) {
          // The browser itself handles a click on a link.
          if (!isOnLink && !event.shiftKey) window.open(linkOf(host)?.href, '_blank', 'noopener');
          return;
        }
        if (!isOnLink && hasSelection()) return;
        event.preventDefault();
        if (link !== null && link !== linkOf(host)) router.history.push(link.getAttribute('href') ?? '/');
        else void router.navigate({ ...TARGET, params: { host } });
      },
      onPointerOver(event: PointerEvent<HTMLElement>) {
        const host = hostAt(event.target);
        if (host === null || isPreloaded.current) return;
        isPreloaded.current = true; // the page's code is the same for all hosts
        void router.preloadRoute({ ...TARGET, params: { host } });
      },
    },
  };
}

const TARGET = { to: '/dashboard/targets/$host' } as const;

const hostAt = (target: EventTarget): string | null =>
  target instanceof Element ? (target.closest('[data-host]')?.getAttribute('data-host') ?? null) : null;

/** Selecting text to copy is not a click. */
const hasSelection = (): boolean => getSelection()?.isCollapsed === false;
