import { createHash } from 'node:crypto';
import { type HostId, newTaskId, type TaskId } from '@booner/protocol';
import { logKey } from '@booner/protocol/redis-names';

/** 48 bits: of a million hosts two share a mark with a probability of 0.2 %. */
const MARK_CHARACTERS = 8;
/** 78 random bits: nobody guesses the id of another's task. */
const RANDOM_CHARACTERS = 13;

/**
 * An id for a task of a host. It ends in the host's mark, so that a runner's user in Redis can be kept to the logs of its own tasks
 * although their names hold no host.
 */
export const newTaskIdOf = (host: HostId): TaskId =>
  `${newTaskId().slice(0, RANDOM_CHARACTERS)}${markOf(host)}` as TaskId;

/** Matches the logs of all tasks of a host. */
export const logKeyPattern = (host: HostId): string =>
  logKey(`${'?'.repeat(RANDOM_CHARACTERS)}${markOf(host)}` as TaskId);

const markOf = (host: HostId): string =>
  createHash('sha256').update(host).digest('base64url').slice(0, MARK_CHARACTERS);
