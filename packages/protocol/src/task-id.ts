import { nanoid } from 'nanoid';

declare const taskIdBrand: unique symbol;

/**
 * Names one task: 21 characters of the URL alphabet, so that who was not told an id cannot guess it. Hubs let the last 8 depend on the
 * task's host; the others are random.
 */
export type TaskId = string & { readonly [taskIdBrand]: true };

const TASK_ID = /^[\w-]{21}$/;

/** Makes an id that a command line does not take for an option: it never begins with a dash. */
export const newTaskId = (): TaskId => nanoid().replace(/^-/, '_') as TaskId;

/** @returns `null` for a text that is no task id */
export const parseTaskId = (text: string): TaskId | null => (TASK_ID.test(text) ? (text as TaskId) : null);

declare const attemptTokenBrand: unique symbol;

/** Names one attempt at a task. Minted by the hub that grants it and told to one runner alone: who knows it speaks for the attempt. */
export type AttemptToken = string & { readonly [attemptTokenBrand]: true };

export const newAttemptToken = (): AttemptToken => nanoid() as AttemptToken;
