import { nanoid } from 'nanoid';
import { newId } from './new-id.ts';

declare const taskIdBrand: unique symbol;

/**
 * Id of one task: 21 characters of the URL alphabet, so that it cannot be guessed. Hubs derive the
 * last 8 from the task's host. The others are random.
 */
export type TaskId = string & { readonly [taskIdBrand]: true };

const TASK_ID = /^[\w-]{21}$/;

export const newTaskId = (): TaskId => newId() as TaskId;

/** Returns `null` if the text is not a task id. */
export const parseTaskId = (text: string): TaskId | null => (TASK_ID.test(text) ? (text as TaskId) : null);

declare const attemptTokenBrand: unique symbol;

/**
 * Token of one attempt at a task. The hub that grants it creates it and sends it to one runner
 * only. Whoever knows it can report on the attempt.
 */
export type AttemptToken = string & { readonly [attemptTokenBrand]: true };

export const newAttemptToken = (): AttemptToken => nanoid() as AttemptToken;
