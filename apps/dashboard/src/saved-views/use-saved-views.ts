import { useSyncExternalStore } from 'react';
import { changeViews, parseViews, type SavedView, type ViewChange } from './saved-views.ts';

const KEY = 'booner.views';

const listeners = new Set<() => void>();
let text: string | null = null;
let views: readonly SavedView[] = [];

/** Reads the storage again: another tab may have changed it. */
function load(): void {
  const stored = readStorage();
  if (stored === text) return;
  text = stored;
  views = parseViews(stored);
}

function readStorage(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return text; // Storage is blocked: views last as long as the page.
  }
}

/** Changes the views of this browser. */
export function changeSavedViews(change: ViewChange): void {
  load();
  views = changeViews(views, change);
  text = JSON.stringify(views);
  try {
    localStorage.setItem(KEY, text);
  } catch {
    // Storage is blocked or full: the change lasts as long as the page.
  }
  for (const listener of listeners) listener();
}

const onStorage = (event: StorageEvent) => {
  if (event.key !== KEY && event.key !== null) return;
  load();
  for (const listener of listeners) listener();
};

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    addEventListener('storage', onStorage);
    load();
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) removeEventListener('storage', onStorage);
  };
}

/** Returns the saved views of this browser, in the order in which they were saved. */
export const useSavedViews = (): readonly SavedView[] => useSyncExternalStore(subscribe, () => views);
