import type { Task } from '@booner/protocol';

/** Duration of a toast. That of a failed task stays until it is closed. */
const SHOWN_FOR_MS = 6000;
/** Further tasks are combined in one toast. */
const MAX_TOASTS = 3;

/** Ended tasks without a toast of their own. */
export type Overflow = { readonly ended: number; readonly failed: number };

export type ToastToShow =
  | { readonly kind: 'task'; readonly task: Task; readonly timeoutMs: number | null }
  | { readonly kind: 'overflow'; readonly overflow: Overflow; readonly timeoutMs: number | null };

/** @param open number of tasks with an open toast */
export function planToast(task: Task, open: number, overflow: Overflow): ToastToShow {
  const failed = task.status === 'failed' ? 1 : 0;
  if (open < MAX_TOASTS) return { kind: 'task', task, timeoutMs: failed === 0 ? SHOWN_FOR_MS : null };
  const sum = { ended: overflow.ended + 1, failed: overflow.failed + failed };
  return { kind: 'overflow', overflow: sum, timeoutMs: sum.failed === 0 ? SHOWN_FOR_MS : null };
}

export function overflowText({ ended, failed }: Overflow): string {
  const more = `and ${ended} more ${ended === 1 ? 'task' : 'tasks'} ended`;
  return failed === 0 ? more : `${more}, ${failed} of them failed`;
}
