import type { TaskStatus } from './task.ts';

/** Whether a task in this state never changes again. */
export const hasEnded = (status: TaskStatus): boolean => status !== 'queued' && status !== 'running';
