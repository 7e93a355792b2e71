import { createStore } from '@booner/client';
import { useSyncExternalStore } from 'react';

/** The host being added, as far as it is known. `null`: the dialog is closed. */
const asked = createStore<string | null>(null);

/**
 * Opens and closes the dialog that adds a host. It lives outside of the views, which change when
 * the host appears.
 */
export const askForHost = (host: string | null): void => asked.set(host);

export const useAskedHost = (): string | null => useSyncExternalStore(asked.subscribe, asked.getSnapshot);
