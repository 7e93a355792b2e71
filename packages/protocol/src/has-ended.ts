import type { TaskStatus } from './task.ts';

/** Returns true if a task with this status never changes again. */
export const hasEnded = (status: TaskStatus): boolean => status !== 'queued' && status !== 'running';
