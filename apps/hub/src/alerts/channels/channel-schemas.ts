import { channelListSchema, channelTrialSchema, channelTypeSchema } from '@booner/protocol';
import { MAX_ALERT_SETTINGS } from '@booner/protocol/limits';
import { z } from '@hono/zod-openapi';
import { MAX_SUBSCRIPTIONS, pushSubscriptionSchema } from './web-push.ts';

const listed = channelListSchema.shape.channels.element.extend({}).openapi('AlertChannel');

export const channelBody = listed;
export const channelListBody = channelListSchema
  .extend({ channels: z.array(listed).max(MAX_ALERT_SETTINGS) })
  .openapi('AlertChannelList');

/** Settings are checked by the schema of their type, in {@link parseChange}. */
export const channelChangeBody = z
  .looseObject({
    type: channelTypeSchema,
    default: z.boolean({ error: 'must be true or false' }).optional().meta({
      description: 'Rules that name no channels notify it; for a new channel true unless you say otherwise',
    }),
  })
  .openapi('AlertChannelChange', {
    description:
      'The settings of its type: `types` of `GET /alert-channels` has their schemas. Secrets that are left out keep ' +
      'their value, and `null` removes one.',
    example: { type: 'webhook', url: 'https://example.org/hook', secret: 'correct horse', default: true },
  });

export const channelTrialBody = channelTrialSchema.extend({}).openapi('AlertChannelTrial');
export const removedChannelBody = z.object({ name: z.string() }).openapi('RemovedAlertChannel');

// What `PushSubscription.toJSON()` returns has further fields, such as `expirationTime`.
export const newSubscriptionBody = z
  .object(pushSubscriptionSchema.shape)
  .openapi('NewPushSubscription', { description: 'As `PushSubscription.toJSON()` returns it' });
export const endedSubscriptionBody = newSubscriptionBody
  .pick({ endpoint: true })
  .openapi('EndedPushSubscription');
export const subscriptionsBody = z
  .object({
    subscriptions: z.int().min(0).max(MAX_SUBSCRIPTIONS).meta({ description: 'Browsers that subscribe' }),
  })
  .openapi('PushSubscriptions');
