import { useSyncExternalStore } from 'react';

/** The host being added, as far as it is known. `null`: the dialog is closed. */
let asked: string | null = null;
const listeners = new Set<() => void>();

/**
 * Opens and closes the dialog that adds a host. It lives outside of the views, which change when
 * the host appears.
 */
export function askForHost(host: string | null): void {
  asked = host;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
};

export const useAskedHost = (): string | null => useSyncExternalStore(subscribe, () => asked);
