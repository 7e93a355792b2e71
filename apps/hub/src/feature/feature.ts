import type { Routes } from '../http/route.ts';
import type { Metric } from './metric.ts';

/**
 * A part of the hub. Its folder holds its routes, streams, state, settings and tests; its `start…`
 * function receives ports and narrow interfaces of other features, never the hub.
 */
export type Feature = {
  readonly routes: Routes;
  /**
   * Background work. Returns once the signal aborts.
   * @throws StartError if the hub turns out to be unusable with its settings
   */
  readonly run?: (options: { readonly signal: AbortSignal }) => Promise<unknown>;
  /** Metrics of the feature in `/metrics`. */
  readonly metrics?: readonly Metric[];
  /** Returns sentences about what fails without keeping the hub from serving clients. */
  readonly warnings?: () => readonly string[];
};
