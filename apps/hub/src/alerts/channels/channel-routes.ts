import { randomUUID } from 'node:crypto';
import type { SendOutcome } from '@booner/protocol';
import { MAX_ALERT_SETTINGS } from '@booner/protocol/limits';
import type { Context } from 'hono';
import RateLimiterMemory from 'rate-limiter-flexible/lib/RateLimiterMemory.js';
import { noteForAudit } from '../../access/require-credential.ts';
import { invalidRequest, issuesOf } from '../../http/json-body.ts';
import { jsonAnswer } from '../../http/openapi.ts';
import { problem } from '../../http/problem.ts';
import { type Routes, route, serve } from '../../http/route.ts';
import { nameFromPath, nameParams } from '../paths/setting-path.ts';
import { noSuchChannel, savedAnswer, unusable } from './channel-answers.ts';
import {
  channelBody,
  channelChangeBody,
  channelListBody,
  channelTrialBody,
  removedChannelBody,
} from './channel-schemas.ts';
import { describeChannels, sendNotification } from './channels.ts';
import {
  createSavedChannels,
  listedChannel,
  type SavedChannel,
  type SavedChannelsDeps,
} from './saved-channels.ts';
import { parseChange } from './stored-channel.ts';
import { subscriptionRoutes } from './subscription-routes.ts';
import { trialNotifications } from './trial-notifications.ts';
import { newVapidKeys } from './web-push.ts';

/** Tests of one channel: somebody tries settings, nobody floods the receiver. */
const TESTS = { points: 6, duration: 60 };

export type ChannelRoutesDeps = SavedChannelsDeps & {
  /** URL of the hub, with a slash at its end. */
  readonly hubUrl: string;
  /** Of Booner. */
  readonly version: string;
};

const tag = 'alerts';
const params = nameParams;
const NOT_FOUND = { 404: 'No such channel' } as const;

const listRoute = route({
  method: 'get',
  path: '/alert-channels',
  access: { role: 'viewer' },
  summary: 'List the channels that notifications go to',
  description: 'Without their secrets. `types` has what a form needs for each type of channel.',
  tag,
  responses: { 200: jsonAnswer('Channels by name', channelListBody) },
});
const getRoute = route({
  method: 'get',
  path: '/alert-channels/{name}',
  access: { role: 'viewer' },
  summary: 'Get a channel',
  tag,
  request: { params },
  responses: { 200: jsonAnswer('The channel without its secrets', channelBody) },
  errors: { 400: 'Invalid name', ...NOT_FOUND },
});
const putRoute = route({
  method: 'put',
  path: '/alert-channels/{name}',
  access: { role: 'admin', verb: 'channel.save' },
  summary: 'Create or change a channel',
  description:
    'Secrets are stored encrypted and never shown. If a setting changes that decides where they are sent, they must ' +
    'be entered again. A new channel of the type `web-push` gets keys by itself.',
  tag,
  request: { params, body: channelChangeBody },
  responses: { 200: jsonAnswer('The channel without its secrets', channelBody) },
  errors: { 409: `There are ${MAX_ALERT_SETTINGS} channels, or this hub has no key to encrypt secrets with` },
});
const deleteRoute = route({
  method: 'delete',
  path: '/alert-channels/{name}',
  access: { role: 'admin', verb: 'channel.remove' },
  summary: 'Remove a channel',
  description: 'What waits for it is not sent any more.',
  tag,
  request: { params },
  responses: { 200: jsonAnswer('The name of the channel', removedChannelBody) },
  errors: { 400: 'Invalid name', ...NOT_FOUND },
});
const testRoute = route({
  method: 'post',
  path: '/alert-channels/{name}/test',
  access: { role: 'operator', verb: 'channel.test' },
  summary: 'Send a test message to a channel, now',
  description:
    'One attempt, and a second message to close the incident where the first one opens an incident. The answer says ' +
    'what the other side said.',
  tag,
  request: { params },
  responses: { 200: jsonAnswer('An outcome for each message', channelTrialBody) },
  errors: {
    400: 'Invalid name',
    ...NOT_FOUND,
    409: 'The channel cannot be used: `issue` of `GET /alert-channels/{name}` says why',
    429: `More than ${TESTS.points} tests of the channel within a minute`,
  },
});

/** Channels that notifications go to. */
export function channelRoutes({ hubUrl, version, ...deps }: ChannelRoutesDeps): Routes {
  const channels = createSavedChannels(deps);
  const tests = new RateLimiterMemory(TESTS);

  return [
    serve(listRoute, async (c) => {
      const saved = await channels.all();
      const listed = saved.map(listedChannel).sort((a, b) => (a.name < b.name ? -1 : 1));
      return c.json({ channels: listed, types: describeChannels() }, 200);
    }),

    serve(getRoute, async (c) => {
      const name = nameFromPath(c);
      if (name instanceof Response) return name;
      const saved = await channels.find(name);
      return saved === null ? noSuchChannel(c) : c.json(listedChannel(saved), 200);
    }),

    serve(putRoute, async (c, { body: { default: givenDefault, ...given } }) => {
      const name = nameFromPath(c);
      if (name instanceof Response) return name;
      noteForAudit(c, { target: name, detail: given.type });
      return await channels.change(name, async (previous) => {
        const known = previous?.opened.ok ? previous.opened.settings : null;
        const parsed = parseChange(await withKeys(given, previous), known);
        if (!parsed.success) return invalidRequest(c, 400, 'Invalid request body', issuesOf(parsed.error));
        const isDefault = givenDefault ?? previous?.stored.isDefault ?? true;
        return savedAnswer(c, await channels.save(name, parsed.data, isDefault));
      });
    }),

    serve(deleteRoute, async (c) => {
      const name = nameFromPath(c);
      if (name instanceof Response) return name;
      noteForAudit(c, { target: name });
      return (await channels.remove(name)) ? c.json({ name }, 200) : noSuchChannel(c);
    }),

    serve(testRoute, async (c) => {
      const name = nameFromPath(c);
      if (name instanceof Response) return name;
      noteForAudit(c, { target: name });
      const saved = await channels.find(name);
      if (saved === null) return noSuchChannel(c);
      const { opened } = saved;
      if (!opened.ok) return unusable(c, opened.reason);
      const { consumedPoints, msBeforeNext } = await tests.penalty(name);
      if (consumedPoints > TESTS.points) return tooManyTests(c, msBeforeNext);
      const id = `test-${randomUUID()}`;
      const url = `${hubUrl}dashboard/alerts`;
      const outcomes: SendOutcome[] = [];
      for (const notification of trialNotifications(opened.settings, { id, url, at: new Date() })) {
        const { signal } = c.req.raw;
        outcomes.push(await sendNotification(notification, opened.settings, { version, signal }));
      }
      noteForAudit(c, { detail: outcomes.map(({ type }) => type).join(', ') });
      return c.json({ outcomes }, 200);
    }),

    ...subscriptionRoutes({ channels }),
  ];
}

/** Web push needs keys that nobody has at hand. Those of a channel stay until others are given. */
async function withKeys(given: Readonly<Record<string, unknown>>, previous: SavedChannel | null) {
  if (given.type !== 'web-push' || given.publicKey !== undefined || given.privateKey !== undefined)
    return given;
  const known = previous?.opened.ok ? previous.opened.settings : null;
  if (known?.type === 'web-push') return { ...given, publicKey: known.publicKey };
  return { ...given, ...(await newVapidKeys()) };
}

function tooManyTests(c: Context, waitMs: number): Response {
  const seconds = Math.ceil(waitMs / 1000);
  c.header('retry-after', String(seconds));
  return problem(c, 429, 'Too many tests', `This channel was tested too often. Try again in ${seconds} s.`);
}
