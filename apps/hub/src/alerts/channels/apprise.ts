import { z } from 'zod';
import { authorizationOf, httpChannel, jsonRequest } from './channel.ts';
import { fitText } from './fit-text.ts';
import { messageOf, plainText } from './message.ts';
import { allowPrivateField, authorizationField, serverField, textField } from './settings-fields.ts';

/** Apprise cuts or splits a message as the service behind it needs. */
const MAX_TITLE_CHARACTERS = 250;
const MAX_BODY_CHARACTERS = 10_000;

const settings = z.strictObject({
  type: z.literal('apprise'),
  server: serverField('http://apprise.example.org:8000', 'URL of an Apprise API'),
  key: textField('Key of a configuration that the Apprise API stores', {
    what: 'a key of 1 to 128 letters, digits, dashes and underscores, such as ops',
    pattern: /^[\w-]{1,128}$/,
  }),
  tag: textField('Notifies only services with this tag', {
    what: 'a tag, such as devops',
    max: 100,
  }).optional(),
  authorization: authorizationField,
  allowPrivate: allowPrivateField,
});

/**
 * Notifies the services of a configuration through an Apprise API:
 * https://github.com/caronc/apprise-api (`swagger.yaml`). `X-Apprise-ID` names the notification in
 * its log; it does not drop a second one. 424 says that a service failed while others may have got
 * the message, so it is not retried.
 */
export const apprise = httpChannel({
  title: 'Apprise',
  settings,
  secrets: ['key', 'authorization'],
  destination: ['server'],
  render(notification, { server, key, tag, authorization }) {
    const message = messageOf(notification);
    const { id, severity, status } = notification;
    return jsonRequest(
      `${server}/notify/${key}`,
      {
        title: fitText(message.headline, MAX_TITLE_CHARACTERS),
        body: plainText(message, MAX_BODY_CHARACTERS),
        type: status === 'resolved' ? 'success' : severity === 'crit' ? 'failure' : 'warning',
        format: 'text',
        ...(tag === undefined ? {} : { tag }),
      },
      {
        accept: 'application/json',
        'x-apprise-id': id,
        ...authorizationOf(authorization),
      },
    );
  },
  // Nobody was notified.
  refusals: { 204: 'the Apprise API has no configuration under this key' },
});
