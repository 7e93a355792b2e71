import type { ListedAction } from './action.ts';

/**
 * A slot that a run takes besides its place among the runs of the host: one of `limit` under a key.
 */
export type Slot = { readonly key: string; readonly limit: number };

export const slotOf = ({ name, lock, concurrency }: ListedAction): Slot =>
  lock === null ? { key: `action ${name}`, limit: concurrency } : { key: `lock ${lock}`, limit: 1 };
