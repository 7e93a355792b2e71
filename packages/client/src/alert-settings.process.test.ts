import { eventually } from '@booner/testkit';
import { expect, it } from 'vitest';
import { startClientBed } from './testing/client-bed.ts';

it('changes each kind of the settings of alerts, and names the fields that are invalid', async () => {
  await using bed = await startClientBed();
  const { client } = bed;
  await eventually(() => client.listAlertRules().catch(() => null), { what: 'the settings to be read' });

  const rule = { selector: '*', when: { state: 'offline' }, severity: 'crit' } as const;
  expect(await client.saveAlertRule('down', rule)).toMatchObject({
    source: 'stored',
    rule: { name: 'down', for: '0s' },
  });
  await expect(client.saveAlertRule('down', { ...rule, selector: '==' })).rejects.toMatchObject({
    code: 'invalid',
    errors: [{ pointer: '/selector' }],
  });
  await client.removeAlertRule('down');
  expect((await client.listAlertRules()).rules.map(({ rule }) => rule.name)).not.toContain('down');

  const url = 'https://example.org/hook';
  await client.saveAlertChannel('ops', { type: 'webhook', url, secret: 'correct-horse' });
  const { channels } = await client.listAlertChannels();
  expect(channels).toMatchObject([{ name: 'ops', url, secrets: ['secret'], isDefault: true }]);
  await client.saveAlertChannel('ops', { type: 'webhook', url, secret: null, default: false });
  expect((await client.listAlertChannels()).channels).toMatchObject([{ secrets: [], isDefault: false }]);
  await client.removeAlertChannel('ops');

  await client.saveAlertChannel('push', { type: 'web-push', subject: 'mailto:ops@example.org' });
  const endpoint = 'https://push.example.org/1';
  const keys = { p256dh: 'B'.repeat(87), auth: 'A'.repeat(22) };
  await client.subscribeBrowser('push', { endpoint, keys });
  expect((await client.listAlertChannels()).channels).toMatchObject([
    { secrets: expect.arrayContaining(['subscriptions']) },
  ]);
  await client.unsubscribeBrowser('push', endpoint);

  await client.saveQuietHours('nights', {
    selector: '*',
    timeZone: 'UTC',
    times: [{ type: 'weekly', days: ['mon'], from: '22:00', to: '07:00' }],
  });
  expect(await client.listQuietHours()).toMatchObject([{ name: 'nights', timeZone: 'UTC' }]);
  await client.removeQuietHours('nights');
  expect(await client.listQuietHours()).toEqual([]);

  const heartbeat = { host: '127.0.0.1', every: '1d' };
  expect((await client.saveHeartbeat('backup', heartbeat)).url).toMatch(/\/heartbeats\/./);
  expect((await client.saveHeartbeat('backup', heartbeat)).url).toBeNull();
  expect(await client.listHeartbeats()).toMatchObject([{ name: 'backup', lastBeatAtMs: null }]);
  await client.removeHeartbeat('backup');

  expect(await client.listDeliveries()).toEqual([]);
  await expect(client.retryDelivery('1-1')).rejects.toMatchObject({ code: 'not_found' });
  await expect(client.discardDelivery('1-1')).rejects.toMatchObject({ code: 'not_found' });
  await expect(client.acknowledgeByLink('bna_unknown')).rejects.toMatchObject({ status: 410 });
});
