import { useEffect, useEffectEvent, useRef } from 'react';

type View = 'fleet' | 'tasks' | 'rollouts' | 'alerts';

export type Shortcuts = {
  readonly onPalette: () => void;
  readonly onHelp: () => void;
  readonly onGoTo: (view: View) => void;
};

/** The second key of a sequence such as `g f` must follow within this time. */
const SEQUENCE_MS = 1500;
const VIEWS: Readonly<Record<string, View>> = { f: 'fleet', t: 'tasks', r: 'rollouts', a: 'alerts' };
const ROW_KEYS: Readonly<Record<string, string>> = { j: 'ArrowDown', k: 'ArrowUp' };

/**
 * Keys of every view. `/` focuses the view's own search, an input with the attribute `data-search`,
 * or else opens the palette. `j` and `k` move in its list, whose links to rows have a parent with
 * the attribute `data-rows`. Keys typed into a control are ignored.
 */
export function useShortcuts({ onPalette, onHelp, onGoTo }: Shortcuts): void {
  const startedAtMs = useRef(Number.NEGATIVE_INFINITY);
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.altKey) return;
    if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey) && !event.shiftKey) {
      event.preventDefault(); // Firefox would open its own search
      return onPalette();
    }
    if (event.ctrlKey || event.metaKey || isTyping(event.target) || hasOpenDialog()) return;
    if (event.key === '/') {
      event.preventDefault();
      const search = document.querySelector<HTMLInputElement>('main [data-search]');
      if (search === null) return onPalette();
      search.focus();
      search.select();
    } else if (event.key === '?') {
      event.preventDefault();
      onHelp();
    } else if (event.key === 'g') {
      startedAtMs.current = event.timeStamp;
    } else {
      const view = VIEWS[event.key];
      const isSequence = event.timeStamp - startedAtMs.current < SEQUENCE_MS;
      startedAtMs.current = Number.NEGATIVE_INFINITY;
      if (view !== undefined && isSequence) onGoTo(view);
      const rowKey = ROW_KEYS[event.key];
      if (rowKey !== undefined) moveInRows(rowKey);
    }
  });
  useEffect(() => {
    const own = (event: KeyboardEvent) => onKey(event);
    document.addEventListener('keydown', own);
    return () => document.removeEventListener('keydown', own);
  }, []);
}

/** Moves as an arrow key does in the list of the view. The first key enters the list. */
function moveInRows(key: string): void {
  const { activeElement } = document;
  if (activeElement?.closest('[data-rows]') != null) {
    activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    return;
  }
  document.querySelector<HTMLAnchorElement>('main [data-rows] a[tabindex="0"]')?.focus();
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target.matches('input:not([type="checkbox"], [type="radio"]), textarea, select'));

/** Toasts are dialogs too, but do not cover the page. */
const hasOpenDialog = (): boolean =>
  document.querySelector('[role="dialog"]:not([aria-modal="false"]), [role="alertdialog"]') !== null;
