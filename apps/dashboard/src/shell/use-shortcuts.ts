import { useEffect, useEffectEvent } from 'react';

export type Shortcuts = {
  readonly onPalette: () => void;
  readonly onHelp: () => void;
};

/**
 * Keys of every view. `/` focuses the view's own search, an input with the attribute `data-search`,
 * or else opens the palette. Keys typed into a control are ignored.
 */
export function useShortcuts({ onPalette, onHelp }: Shortcuts): void {
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
    }
  });
  useEffect(() => {
    const own = (event: KeyboardEvent) => onKey(event);
    document.addEventListener('keydown', own);
    return () => document.removeEventListener('keydown', own);
  }, []);
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target.matches('input:not([type="checkbox"], [type="radio"]), textarea, select'));

/** Toasts are dialogs too, but do not cover the page. */
const hasOpenDialog = (): boolean =>
  document.querySelector('[role="dialog"]:not([aria-modal="false"]), [role="alertdialog"]') !== null;
