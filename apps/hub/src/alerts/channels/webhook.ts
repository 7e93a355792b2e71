import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { authorizationOf, httpChannel, jsonRequest } from './channel.ts';
import { allowPrivateField, authorizationField, textField, urlField } from './settings-fields.ts';

const settings = z.strictObject({
  type: z.literal('webhook'),
  url: urlField('https://example.org/hooks/booner', 'URL that receives a POST per notification'),
  secret: textField('Key of the signature in X-Booner-Signature', {
    what: 'a secret of 8 to 500 visible characters without spaces',
    pattern: /^[!-~]{8,500}$/,
  }).optional(),
  authorization: authorizationField,
  allowPrivate: allowPrivateField,
});

/**
 * Posts JSON to a URL. `Idempotency-Key` is the same for all attempts
 * (draft-ietf-httpapi-idempotency-key-header). With a secret, `X-Booner-Signature` is `sha256=` and
 * the HMAC-SHA256 of the body's bytes in hexadecimal.
 */
export const webhook = httpChannel({
  title: 'Webhook',
  settings,
  secrets: ['secret', 'authorization'],
  destination: ['url'],
  render(notification, { url, secret, authorization }) {
    const { id, episode, kind, rule, severity, status, title, text } = notification;
    const targets = notification.targets.map(({ host, labels, value, since }) => ({
      host,
      labels,
      value,
      since,
    }));
    const event = { id, episode, kind, rule, severity, status, targets, title, text, url: notification.url };
    const request = jsonRequest(url, event, {
      'idempotency-key': id,
      ...authorizationOf(authorization),
    });
    if (secret === undefined) return request;
    const signature = createHmac('sha256', secret).update(request.body).digest('hex');
    return { ...request, headers: { ...request.headers, 'x-booner-signature': `sha256=${signature}` } };
  },
});
