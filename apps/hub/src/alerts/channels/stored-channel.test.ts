import { expect, test } from 'vitest';
import { sealingKeyOf } from '../../sealing/seal.ts';
import { type ChannelSettings, channelSettingsSchema } from './channels.ts';
import { openChannel, parseChange, sealChannel, showChannel, storedChannelSchema } from './stored-channel.ts';
import { EXAMPLE_SETTINGS } from './testing/example-settings.ts';

const KEY = sealingKeyOf('a secret of the hub');
const SEALING = { name: 'ops', key: KEY };
const EMAIL = channelSettingsSchema.parse(EXAMPLE_SETTINGS.email);
const PASSWORD = EXAMPLE_SETTINGS.email.password;

test.each(Object.values(EXAMPLE_SETTINGS))('the settings of $type survive being stored', async (given) => {
  const settings = channelSettingsSchema.parse(given);
  const text = JSON.stringify(await sealChannel(settings, SEALING));
  const stored = storedChannelSchema.parse(JSON.parse(text));
  expect(await openChannel(stored, SEALING)).toEqual({ ok: true, settings });
});

test('a stored or shown channel does not have its secrets', async () => {
  const stored = await sealChannel(EMAIL, SEALING);
  expect(JSON.stringify(stored)).not.toContain(PASSWORD);
  expect(stored.settings).toMatchObject({ type: 'email', host: 'smtp.example.org' });
  const shown = showChannel(EMAIL);
  expect(JSON.stringify(shown)).not.toContain(PASSWORD);
  expect(shown).toMatchObject({ type: 'email', host: 'smtp.example.org', secrets: ['password'] });
  const slack = channelSettingsSchema.parse(EXAMPLE_SETTINGS.slack);
  expect(showChannel(slack)).toEqual({ type: 'slack', allowPrivate: false, secrets: ['url'] });
});

test('each sealing is new, even of the same secret', async () => {
  const [a, b] = [await sealChannel(EMAIL, SEALING), await sealChannel(EMAIL, SEALING)];
  expect(a.sealed).not.toBe(b.sealed);
});

test('another key, another name or a changed text opens nothing, and says what to do', async () => {
  const stored = await sealChannel(EMAIL, SEALING);
  const reason =
    'its secrets were sealed with another key: give all hubs the same BOONER_ALERT_SECRET_FILE, or enter them again';
  const refused = { ok: false, reason };
  expect(await openChannel(stored, { ...SEALING, key: sealingKeyOf('another secret') })).toEqual(refused);
  expect(await openChannel(stored, { ...SEALING, name: 'other' })).toEqual(refused);
  const [header, ...rest] = stored.sealed.split('.');
  const other = Buffer.from(JSON.stringify({ alg: 'dir', enc: 'A256GCM', channel: 'other' })).toString(
    'base64url',
  );
  const renamed = { ...stored, sealed: [other, ...rest].join('.') };
  expect(await openChannel(renamed, { ...SEALING, name: 'other' })).toEqual(refused);
  expect(await openChannel({ ...stored, sealed: `${header}.garbage` }, SEALING)).toEqual(refused);
});

test('a channel without secrets needs no key', async () => {
  const settings = channelSettingsSchema.parse({ type: 'webhook', url: 'https://example.org/hook' });
  const stored = await sealChannel(settings, SEALING);
  expect(stored.sealed).toBe('');
  expect(await openChannel(stored, { ...SEALING, key: sealingKeyOf('another secret') })).toEqual({
    ok: true,
    settings,
  });
});

test('settings that are no longer valid are not used', async () => {
  const stored = await sealChannel(EMAIL, SEALING);
  const changed = { ...stored, settings: { ...stored.settings, port: 0 } };
  expect(await openChannel(changed, SEALING)).toEqual({
    ok: false,
    reason: 'its settings are invalid: save it again',
  });
});

const { password: _, ...WITHOUT_PASSWORD } = EXAMPLE_SETTINGS.email;

const changed = (body: unknown, previous: ChannelSettings | null = EMAIL) => {
  const { data, error } = parseChange(body, previous);
  return data ?? error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
};

test('a secret that is left out keeps its value', () => {
  expect(changed({ ...WITHOUT_PASSWORD, to: ['other@example.org'] })).toMatchObject({
    to: ['other@example.org'],
    password: PASSWORD,
  });
});

test('a new value replaces a secret, and null removes it', () => {
  expect(changed({ ...WITHOUT_PASSWORD, password: 'new' })).toMatchObject({ password: 'new' });
  expect(changed({ ...WITHOUT_PASSWORD, password: null })).not.toHaveProperty('password');
});

test('a secret is not sent to another destination', () => {
  const again = (field: string) => [`password must be entered again, because ${field} has changed`];
  expect(changed({ ...WITHOUT_PASSWORD, host: 'evil.example.org' })).toEqual(again('host'));
  expect(changed({ ...WITHOUT_PASSWORD, tls: 'none' })).toEqual(again('tls'));
  expect(changed({ ...WITHOUT_PASSWORD, host: 'new.example.org', password: 'new' })).toMatchObject({
    host: 'new.example.org',
    password: 'new',
  });
  const ntfy = channelSettingsSchema.parse({
    ...EXAMPLE_SETTINGS.ntfy,
    server: 'https://ntfy.example.org',
    token: 'tk_abc',
  });
  // Left out, the server would be ntfy.sh.
  expect(changed({ type: 'ntfy' }, ntfy)).toEqual([
    'topic must be entered again, because server has changed',
    'token must be entered again, because server has changed',
  ]);
});

test('a channel that is new, or gets another type, keeps nothing', () => {
  expect(changed(WITHOUT_PASSWORD, null)).not.toHaveProperty('password');
  const slack = channelSettingsSchema.parse(EXAMPLE_SETTINGS.slack);
  expect(changed({ type: 'discord' }, slack)).toEqual([expect.stringContaining('url must be a URL such as')]);
  expect(changed('slack', slack)).toEqual([expect.stringContaining('')]);
});

test('issues of the new settings are reported as ever', () => {
  expect(changed({ ...WITHOUT_PASSWORD, port: -1 })).toEqual(['port must be a port, such as 587']);
});
