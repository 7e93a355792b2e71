import { MAX_ALERT_SETTINGS } from '@booner/protocol/limits';
import type { Context } from 'hono';
import { problem } from '../../http/problem.ts';
import type { SaveOutcome } from './saved-channels.ts';

/** The answer to what became of a channel's settings: 200 or 409. */
export function savedAnswer(c: Context, outcome: SaveOutcome): Response {
  switch (outcome.type) {
    case 'saved':
      return c.json(outcome.channel, 200);
    case 'full': {
      const detail = `There can be at most ${MAX_ALERT_SETTINGS} channels. Remove one first.`;
      return problem(c, 409, 'Too many channels', detail);
    }
    case 'no_key':
      return problem(c, 409, 'No key for secrets', `Secrets cannot be stored: ${outcome.reason}.`);
    default:
      return outcome satisfies never;
  }
}

/** The answer when no channel has the name of the path: 404. */
export const noSuchChannel = (c: Context): Response =>
  problem(c, 404, 'No such channel', 'No channel has this name. GET /alert-channels lists them.', [
    { pointer: '/name', detail: 'is not a channel' },
  ]);

/** The answer when a channel's settings cannot be opened: 409. */
export const unusable = (c: Context, reason: string): Response =>
  problem(c, 409, 'Channel cannot be used', `The channel cannot be used: ${reason}.`);
