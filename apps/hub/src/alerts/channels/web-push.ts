import type { Notification, SendOutcome } from '@booner/protocol';
import { z } from 'zod';
import { answerText } from './answer-text.ts';
import { type Channel, redactOf } from './channel.ts';
import { fitText, utf8Bytes } from './fit-text.ts';
import { messageOf } from './message.ts';
import { type SendDeps, sendRequest } from './outgoing-request.ts';
import { allowPrivateField, textField, urlField } from './settings-fields.ts';
import { shortKey } from './short-key.ts';

/**
 * A push service must accept 4096 bytes (RFC 8030, section 7.2). Encryption takes 103 of them, and
 * the two URLs up to 2000.
 */
const MAX_BODY_BYTES = 1500;
const MAX_TITLE_BYTES = 300;
const jsonBytes = (text: string): number => utf8Bytes(JSON.stringify(text)) - 2;
/** A browser that was off for longer shows nothing: what fired is old by then. */
const TTL_SECONDS = 24 * 60 * 60;
export const MAX_SUBSCRIPTIONS = 50;
/** Of RFC 8291. */
const ENCODING = 'aes128gcm';

const base64url = (what: string, characters: number) => ({
  what,
  pattern: new RegExp(`^[\\w-]{${characters}}=*$`),
});

/** A browser that subscribed, as `PushSubscription.toJSON()` returns it. */
export const pushSubscriptionSchema = z.strictObject({
  endpoint: urlField('https://fcm.googleapis.com/fcm/send/abc', 'URL of the push service'),
  keys: z.strictObject({
    p256dh: textField('Key of the browser', base64url('a P-256 key', 87)),
    auth: textField('Authentication secret of the browser', base64url('an authentication secret', 22)),
  }),
});

const settings = z.strictObject({
  type: z.literal('web-push'),
  /** Whom a push service may contact (RFC 8292, section 2.1). */
  subject: textField('Contact for push services', {
    what: 'an address such as mailto:ops@example.org, or a URL such as https://example.org/contact',
    pattern: /^(mailto:[!-~]+@[!-~]+|https:\/\/[!-~]+)$/,
  }),
  publicKey: textField('Public VAPID key, that browsers subscribe with', base64url('a VAPID key', 87)),
  privateKey: textField('Private VAPID key', base64url('a VAPID key', 43)),
  subscriptions: z
    .array(pushSubscriptionSchema)
    .max(MAX_SUBSCRIPTIONS, `must have at most ${MAX_SUBSCRIPTIONS} subscriptions`)
    .default([])
    .describe('Browsers that subscribed, as PushSubscription.toJSON() returns them'),
  allowPrivate: allowPrivateField,
});

type Settings = z.infer<typeof settings>;

/** What the service worker of the dashboard receives. */
type Push = {
  /** Tag of the shown notification: a second push with the same one replaces it silently. */
  readonly tag: string;
  readonly title: string;
  readonly body: string;
  readonly url: string;
  readonly acknowledgeUrl: string | null;
};

/**
 * Pushes to browsers: RFC 8030 (topic, urgency), RFC 8291 (encryption) and RFC 8292 (VAPID), by the
 * package web-push. If some browsers fail, an attempt is repeated for all: topic and tag make the
 * second push replace the first.
 */
export const webPush: Channel<typeof settings, Push> = {
  title: 'Web push',
  settings,
  secrets: ['privateKey', 'subscriptions'],
  destination: [],
  opensIncidents: false,
  render(notification) {
    const { headline, body } = messageOf(notification);
    return {
      tag: notification.id,
      title: fitText(headline, MAX_TITLE_BYTES, { size: jsonBytes }),
      body: fitText(body, MAX_BODY_BYTES, { size: jsonBytes }),
      url: notification.url,
      acknowledgeUrl: notification.acknowledgeUrl,
    };
  },
  async send(notification, channel, deps) {
    if (channel.subscriptions.length === 0) {
      return { type: 'rejected', answer: 'no browser has subscribed: subscribe one in the dashboard' };
    }
    const outcomes = await Promise.all(
      channel.subscriptions.map((subscription) => pushTo(subscription, notification, channel, deps)),
    );
    return summaryOf(outcomes);
  },
};

/** Loaded on demand: few hubs have such a channel. */
const loadLibrary = async () => (await import('web-push')).default;

/** Returns new VAPID keys for the settings of a channel. Browsers subscribe with the public one. */
export const newVapidKeys = async (): Promise<Pick<Settings, 'publicKey' | 'privateKey'>> =>
  (await loadLibrary()).generateVAPIDKeys();

async function pushTo(
  { endpoint, keys }: Settings['subscriptions'][number],
  notification: Notification,
  channel: Settings,
  deps: SendDeps,
): Promise<SendOutcome> {
  const { subject, publicKey, privateKey, allowPrivate } = channel;
  const push = JSON.stringify(webPush.render(notification, channel));
  const redact = redactOf(webPush.secrets, channel);
  const { encrypt, getVapidHeaders } = await loadLibrary();
  try {
    const { cipherText } = encrypt(keys.p256dh, keys.auth, push, ENCODING);
    const { origin } = new URL(endpoint);
    const headers = {
      authorization: getVapidHeaders(origin, subject, publicKey, privateKey, ENCODING).Authorization,
      'content-encoding': ENCODING,
      'content-type': 'application/octet-stream',
      topic: shortKey(notification.id),
      ttl: String(TTL_SECONDS),
      urgency: notification.status === 'resolved' ? 'normal' : 'high',
    };
    const request = { method: 'POST', url: endpoint, headers, body: cipherText } as const;
    return await sendRequest(request, { ...deps, allowPrivate, redact });
  } catch (error) {
    // The library throws at keys that are not points of the curve.
    return { type: 'rejected', answer: answerText((error as Error).message, redact) };
  }
}

/** A browser that is gone (404 or 410) does not hold up the others. */
function summaryOf(outcomes: readonly SendOutcome[]): SendOutcome {
  const later = outcomes.find((outcome) => outcome.type === 'retry');
  if (later !== undefined) return later;
  const delivered = outcomes.filter((outcome) => outcome.type === 'delivered');
  const refused = outcomes.find((outcome) => outcome.type === 'rejected');
  if (delivered.length === 0 && refused !== undefined) return refused;
  const count = `${delivered.length} of ${outcomes.length} browsers`;
  const answer = refused === undefined ? count : `${count}; another said: ${refused.answer}`;
  return { type: 'delivered', answer: answer.slice(0, 300) };
}
