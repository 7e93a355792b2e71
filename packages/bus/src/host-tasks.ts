import { createHash } from 'node:crypto';
import { type HostId, newTaskId, type TaskId } from '@booner/protocol';
import { artefactKey, logKey } from '@booner/protocol/redis-names';

/** 48 bits: two of a million hosts share a mark with a probability of 0.2 %. */
const MARK_CHARACTERS = 8;
/** 78 random bits: a runner cannot guess the ids of other hosts' tasks. */
const RANDOM_CHARACTERS = 13;

/**
 * Returns a new id for a task of a host. It ends in the host's mark, so that a runner's Redis user
 * can be restricted to the logs of its own tasks, whose names do not contain the host.
 */
export const newTaskIdOf = (host: HostId): TaskId =>
  `${newTaskId().slice(0, RANDOM_CHARACTERS)}${markOf(host)}` as TaskId;

/** Pattern that matches the logs of all tasks of a host. */
export const logKeyPattern = (host: HostId): string => logKey(anyTaskOf(host));

/** Pattern that matches the parts of the artefacts of all tasks of a host. */
export const artefactKeyPattern = (host: HostId): string => artefactKey(anyTaskOf(host), '*');

const anyTaskOf = (host: HostId): TaskId => `${'?'.repeat(RANDOM_CHARACTERS)}${markOf(host)}` as TaskId;

/** Returns the mark of a task's host: {@link markOf} of the host. */
export const markOfTask = (id: TaskId): string => id.slice(RANDOM_CHARACTERS);

export const markOf = (host: HostId): string =>
  createHash('sha256').update(host).digest('base64url').slice(0, MARK_CHARACTERS);
