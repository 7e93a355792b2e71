import type { ListedChannel } from '@booner/protocol';
import { expect, test } from 'vitest';
import { channelBody, channelDraft, channelFields } from './channel-fields.ts';

const description = {
  type: 'email',
  title: 'E-mail',
  secrets: ['password'],
  settings: {
    type: 'object',
    properties: {
      type: { type: 'string', const: 'email' },
      host: { type: 'string', description: 'Mail server' },
      port: { type: 'integer', default: 587 },
      tls: { type: 'string', enum: ['starttls', 'none'], default: 'starttls' },
      password: { type: 'string' },
      to: { type: 'array', items: { type: 'string' } },
      allowPrivate: { type: 'boolean', default: false },
      subscriptions: { type: 'array', items: { type: 'object' } },
    },
    required: ['type', 'host', 'to'],
  },
};
const fields = channelFields(description);
const stored = {
  name: 'mail',
  type: 'email',
  secrets: ['password'],
  host: 'smtp.example.org',
  port: 25,
  tls: 'none',
  to: ['a@example.org', 'b@example.org'],
  allowPrivate: true,
} as unknown as ListedChannel;
const change = { type: 'email', fields, removed: [], isDefault: true };

test('a form has a field for each setting that people enter', () => {
  expect(fields.map(({ label, kind, isRequired }) => [label, kind, isRequired])).toEqual([
    ['Host', 'text', true],
    ['Port', 'number', false],
    ['TLS', 'choice', false],
    ['Password', 'secret', false],
    ['To', 'list', true],
    ['Allow private', 'boolean', false],
  ]);
});

test('saves what a channel has, and leaves out the secret, which the hub keeps', () => {
  expect(channelBody({ ...change, draft: channelDraft(fields, stored) })).toEqual({
    type: 'email',
    default: true,
    host: 'smtp.example.org',
    port: 25,
    tls: 'none',
    to: ['a@example.org', 'b@example.org'],
    allowPrivate: true,
  });
});

test('a secret is replaced, or removed on demand', () => {
  const draft = channelDraft(fields, stored);
  expect(channelBody({ ...change, draft: { ...draft, password: 'new one' } })).toMatchObject({
    password: 'new one',
  });
  expect(channelBody({ ...change, draft, removed: ['password'] })).toMatchObject({ password: null });
});

test('a new channel leaves defaults to the hub, which checks the rest', () => {
  const draft = {
    ...channelDraft(fields, null),
    host: ' smtp.example.org ',
    to: 'a@example.org, b@example.org',
  };
  expect(channelBody({ ...change, draft })).toEqual({
    type: 'email',
    default: true,
    host: 'smtp.example.org',
    tls: 'starttls',
    to: ['a@example.org', 'b@example.org'],
    allowPrivate: false,
  });
  expect(channelBody({ ...change, draft: { ...draft, port: 'x' } })).toMatchObject({ port: 'x' });
});
