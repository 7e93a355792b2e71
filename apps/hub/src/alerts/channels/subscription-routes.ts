import type { Context } from 'hono';
import { noteForAudit } from '../../access/require-credential.ts';
import { jsonAnswer } from '../../http/openapi.ts';
import { problem } from '../../http/problem.ts';
import { type Routes, route, serve } from '../../http/route.ts';
import { nameFromPath, nameParams } from '../paths/setting-path.ts';
import { noSuchChannel, savedAnswer, unusable } from './channel-answers.ts';
import { endedSubscriptionBody, newSubscriptionBody, subscriptionsBody } from './channel-schemas.ts';
import type { ChannelSettings } from './channels.ts';
import type { createSavedChannels } from './saved-channels.ts';
import { MAX_SUBSCRIPTIONS } from './web-push.ts';

type Settings = Extract<ChannelSettings, { type: 'web-push' }>;
type Subscriptions = Settings['subscriptions'];

export type SubscriptionRoutesDeps = {
  readonly channels: Pick<ReturnType<typeof createSavedChannels>, 'change' | 'save'>;
};

const ERRORS = {
  404: 'No such channel',
  409: `The channel is of another type, cannot be opened, or has ${MAX_SUBSCRIPTIONS} subscriptions`,
} as const;

const subscribeRoute = route({
  method: 'post',
  path: '/alert-channels/{name}/subscriptions',
  access: { role: 'operator', verb: 'channel.subscribe' },
  summary: 'Subscribe this browser to a channel of the type web-push',
  description: 'Subscribing again replaces the keys of the browser.',
  tag: 'alerts',
  request: { params: nameParams, body: newSubscriptionBody },
  responses: { 200: jsonAnswer('The browser is subscribed', subscriptionsBody) },
  errors: ERRORS,
});
const unsubscribeRoute = route({
  method: 'delete',
  path: '/alert-channels/{name}/subscriptions',
  access: { role: 'operator', verb: 'channel.unsubscribe' },
  summary: 'End the subscription of a browser',
  tag: 'alerts',
  request: { params: nameParams, body: endedSubscriptionBody },
  responses: { 200: jsonAnswer('The browser is not subscribed', subscriptionsBody) },
  errors: ERRORS,
});

/** Subscriptions of browsers to channels of the type `web-push`. */
export function subscriptionRoutes({ channels }: SubscriptionRoutesDeps): Routes {
  const change = async (c: Context, next: (before: Subscriptions) => Subscriptions): Promise<Response> => {
    const name = nameFromPath(c);
    if (name instanceof Response) return name;
    noteForAudit(c, { target: name });
    return await channels.change(name, async (saved) => {
      if (saved === null) return noSuchChannel(c);
      const { opened, stored } = saved;
      if (!opened.ok) return unusable(c, opened.reason);
      const { settings } = opened;
      if (settings.type !== 'web-push') {
        return problem(c, 409, 'Not a push channel', `${name} has the type ${settings.type}, not web-push.`);
      }
      const subscriptions = next(settings.subscriptions);
      if (subscriptions.length > MAX_SUBSCRIPTIONS) {
        const detail = `The channel has ${MAX_SUBSCRIPTIONS} subscriptions, the most it can have.`;
        return problem(c, 409, 'Too many subscriptions', `${detail} Use another channel.`);
      }
      const outcome = await channels.save(name, { ...settings, subscriptions }, stored.isDefault);
      if (outcome.type !== 'saved') return savedAnswer(c, outcome);
      return c.json({ subscriptions: subscriptions.length }, 200);
    });
  };
  const without = (subscriptions: Subscriptions, endpoint: string) =>
    subscriptions.filter((each) => each.endpoint !== endpoint);

  return [
    serve(subscribeRoute, (c, { body }) => change(c, (before) => [...without(before, body.endpoint), body])),
    serve(unsubscribeRoute, (c, { body: { endpoint } }) => change(c, (before) => without(before, endpoint))),
  ];
}
