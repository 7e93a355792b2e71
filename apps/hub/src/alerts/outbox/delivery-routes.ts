import type { ListedItem, OutboxBus } from '@booner/bus';
import { type Delivery, deliveryListSchema } from '@booner/protocol';
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { noteForAudit } from '../../access/require-credential.ts';
import type { ReadableOf } from '../../fleet/read-scopes.ts';
import { jsonAnswer, wholeNumber } from '../../http/openapi.ts';
import { problem } from '../../http/problem.ts';
import { type Routes, route, serve } from '../../http/route.ts';
import type { Readable } from '../../ws/readable.ts';

export type DeliveryRoutesDeps = {
  readonly outbox: Pick<OutboxBus, 'list' | 'retry' | 'discard'>;
  readonly readableOf: ReadableOf;
};

const MAX_LISTED = 1000;
const DEFAULT_LISTED = 200;

const delivery = deliveryListSchema.shape.deliveries.element.extend({}).openapi('AlertDelivery');
const deliveryList = z.object({ deliveries: z.array(delivery).max(MAX_LISTED) }).openapi('AlertDeliveryList');
const deliveryId = z.object({ id: z.string().meta({ example: 'n-1:ops' }) }).openapi('AlertDeliveryId');
const params = z.object({ id: z.string().min(1).max(200).meta({ example: 'n-1:ops' }) });
const tag = 'alerts';
const errors = { 404: 'No such delivery' } as const;

const listRoute = route({
  method: 'get',
  path: '/alert-deliveries',
  access: { role: 'viewer' },
  summary: 'List notifications that have not been delivered',
  description:
    'First those that wait for another attempt, or for the digest of their channel. Then the `dead` ones, newest ' +
    'first: the other side refused them, or took nothing for a day. About 1,000 of these are kept.',
  tag,
  request: {
    query: z.strictObject({
      limit: wholeNumber({ minimum: 1, maximum: MAX_LISTED, default: DEFAULT_LISTED }),
    }),
  },
  responses: { 200: jsonAnswer('Notifications, each for one channel', deliveryList) },
});
const retryRoute = route({
  method: 'post',
  path: '/alert-deliveries/{id}/retry',
  access: { role: 'operator', verb: 'delivery.retry' },
  summary: 'Try to send a notification now',
  description: 'One that waits is sent at once. A dead one gets one more attempt if it is older than a day.',
  tag,
  request: { params },
  responses: { 200: jsonAnswer('It is sent', deliveryId) },
  errors,
});
const deleteRoute = route({
  method: 'delete',
  path: '/alert-deliveries/{id}',
  access: { role: 'operator', verb: 'delivery.discard' },
  summary: 'Discard a notification',
  tag,
  request: { params },
  responses: { 200: jsonAnswer('It is not sent any more', deliveryId) },
  errors,
});

/** Notifications that have not been delivered. */
export function deliveryRoutes({ outbox, readableOf }: DeliveryRoutesDeps): Routes {
  /** Whoever reads some hosts only acts on what they can list. */
  const mayAct = async (c: Context, id: string): Promise<boolean> => {
    const readable = readableOf(c);
    if (readable.key === null) return true;
    const items = await outbox.list(MAX_LISTED);
    return items.some((item) => item.id === id && isReadable(item, readable));
  };
  const act = async (c: Context, run: (id: string) => Promise<boolean>): Promise<Response> => {
    const id = c.req.param('id') ?? '';
    noteForAudit(c, { target: id.slice(0, 200) });
    return (await mayAct(c, id)) && (await run(id)) ? c.json({ id }, 200) : noSuchDelivery(c);
  };
  return [
    serve(listRoute, async (c, { query: { limit } }) => {
      const readable = readableOf(c);
      const items = await outbox.list(readable.key === null ? limit : MAX_LISTED);
      const shown = items.filter((item) => isReadable(item, readable)).slice(0, limit);
      return c.json({ deliveries: shown.map(deliveryOf) }, 200);
    }),
    serve(retryRoute, (c) => act(c, (id) => outbox.retry(id))),
    serve(deleteRoute, (c) => act(c, (id) => outbox.discard(id))),
  ];
}

/** What is about no host, such as a digest, may be about any. */
const isReadable = ({ notification: { targets } }: ListedItem, readable: Readable): boolean =>
  readable.key === null ||
  (targets.length > 0 && targets.every(({ host }) => host !== null && readable.has(host)));

const deliveryOf = ({ notification, status, ...item }: ListedItem): Delivery => ({
  id: item.id,
  channel: item.channel,
  status: status === 'dead' ? 'dead' : 'waiting',
  kind: notification.kind,
  rule: notification.rule,
  title: notification.title,
  attempts: item.attempts,
  firstAtMs: item.firstAtMs,
  answer: item.answer,
  nextAtMs: item.nextAtMs,
});

const noSuchDelivery = (c: Context): Response =>
  problem(
    c,
    404,
    'No such delivery',
    'No notification with this id waits. GET /alert-deliveries lists them.',
  );
