import { useSyncExternalStore } from 'react';

/** The host that is being added, as far as it is known already; `null`: none is. */
let asked: string | null = null;
const listeners = new Set<() => void>();

/** Opens the dialog that adds a host, and closes it. It stands beside the views: they change when the host comes. */
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
