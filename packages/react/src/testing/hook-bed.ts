import { type BoonerClient, createBoonerClient } from '@booner/client';
import { type HubProcess, type StartHubOptions, startHub } from '@booner/testkit';
import { cleanup } from '@testing-library/react';
import { createElement, type ReactNode } from 'react';
import { expect } from 'vitest';
import { BoonerProvider } from '../index.ts';

const INTERVAL_MS = 500;
export const TIMES = { deadlineMs: 15_000 };

/** Additions of happy-dom to a window. */
type SettableWindow = { readonly happyDOM: { setURL(url: string): void } };

export type HookBed = AsyncDisposable & {
  readonly hub: HubProcess;
  readonly client: BoonerClient;
  /** Wraps a component that uses this hub. */
  readonly wrapper: (props: { children: ReactNode }) => ReactNode;
  /** Returns the JSON answer to a request of another program. */
  ask(path: string, method?: string, body?: object): Promise<unknown>;
};

/** A hub, and a page that it served. Everything rendered is removed at the end. */
export async function startHookBed(options: StartHubOptions = {}): Promise<HookBed> {
  const hub = await startHub({
    ...options,
    env: { BOONER_INTERVAL_MS: `${INTERVAL_MS}`, ...options.env },
  });
  const { window } = globalThis as unknown as { window: SettableWindow };
  window.happyDOM.setURL(`${hub.url}/`);
  const client = createBoonerClient({ url: hub.url });
  return {
    hub,
    client,
    wrapper: ({ children }) => createElement(BoonerProvider, { client }, children),
    async ask(path, method = 'GET', body) {
      const headers = { 'content-type': 'application/json' };
      const response = await hub.get(path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
      expect(response.ok).toBe(true);
      return response.json();
    },
    async [Symbol.asyncDispose]() {
      cleanup();
      client.close();
      await hub[Symbol.asyncDispose]();
    },
  };
}
