import { nanoid } from 'nanoid';
import { newId } from './new-id.ts';

declare const taskIdBrand: unique symbol;

/**
 * Names one task: 21 characters of the URL alphabet, so that who was not told an id cannot guess it. Hubs let the last 8 depend on the
 * task's host; the others are random.
 */
export type TaskId = string & { readonly [taskIdBrand]: true };

const TASK_ID = /^[\w-]{21}$/;

export const newTaskId = (): TaskId => newId() as TaskId;

/** @returns `null` for a text that is no task id */
export const parseTaskId = (text: string): TaskId | null => (TASK_ID.test(text) ? (text as TaskId) : null);

declare const attemptTokenBrand: unique symbol;

/** Names one attempt at a task. Minted by the hub that grants it and told to one runner alone: who knows it speaks for the attempt. */
export type AttemptToken = string & { readonly [attemptTokenBrand]: true };

export const newAttemptToken = (): AttemptToken => nanoid() as AttemptToken;
