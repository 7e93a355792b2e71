import type { AlertSettingKind } from '@booner/protocol';
import { eventually } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { type BoonerClient, createBoonerClient, type RuleToSave } from './index.ts';
import { type ClientBed, startClientBed } from './testing/client-bed.ts';

/** Fires on any host: some memory is always available. */
const ALWAYS: RuleToSave = {
  selector: '*',
  when: { metric: 'memoryAvailableRatio', function: 'last' },
  warn: { on: 0.01, off: 0.001 },
};

/** Returns a client of the hub whose networks are not broken. */
const outside = ({ hub }: ClientBed) => createBoonerClient({ url: hub.url });

const shown = ({ alerts }: BoonerClient) => [...alerts.getSnapshot().alerts.values()];
const rules = (client: BoonerClient) => shown(client).map(({ rule }) => rule);

describe('the alerts of a client', () => {
  it('are those of the hub through every switch of the transport, each change in order', async () => {
    await using bed = await startClientBed({ random: () => 0.2 });
    const { client, webSockets } = bed;
    const other = outside(bed);
    const problems: string[] = [];
    const known = new Map<string, object>();
    client.onAlertChange(({ alert, previous }) => {
      const id = (alert ?? previous)!.id;
      if ((known.get(id) ?? null) !== previous) problems.push(`${id} changed from another state`);
      if (alert === null || alert.status === 'resolved') known.delete(id);
      else known.set(id, alert);
    });
    await eventually(() => client.alerts.getSnapshot().isLoaded, { what: 'the alerts' });
    expect(shown(client)).toEqual([]);
    for (const [round, wanted] of (['live', 'polling', 'live', 'polling'] as const).entries()) {
      if (wanted === 'live') await webSockets.accept();
      else {
        webSockets.refuse();
        webSockets.cut();
      }
      await eventually(() => client.connections.alerts.getSnapshot().type === wanted, { what: wanted });
      await other.saveAlertRule(`rule-${round}`, ALWAYS);
      if (round > 1) await other.removeAlertRule(`rule-${round - 2}`);
      const open = round === 0 ? ['rule-0'] : [`rule-${round - 1}`, `rule-${round}`];
      await eventually(() => rules(client).toSorted().join() === open.join(), { what: open.join() });
      for (const { id } of shown(client)) await other.acknowledgeAlert(id);
      await eventually(
        async () => {
          const { alerts } = await other.listAlerts({ status: 'firing' });
          const byId = Object.fromEntries(alerts.map((alert) => [alert.id, alert]));
          expect(Object.fromEntries(client.alerts.getSnapshot().alerts)).toEqual(byId);
          return alerts.every(({ acknowledged }) => acknowledged !== null);
        },
        { what: 'every acknowledgement' },
      );
    }
    expect(problems).toEqual([]);
  });

  it('come exactly as they happened after a cut, from the cursor on', async () => {
    await using bed = await startClientBed();
    const { client, webSockets, rest } = bed;
    const other = outside(bed);
    const changes: string[] = [];
    client.onAlertChange(({ alert }) => {
      const text = alert && `${alert.status}${alert.acknowledged === null ? '' : ', acknowledged'}`;
      if (changes.at(-1) !== text) changes.push(String(text));
    });
    await eventually(() => client.alerts.getSnapshot().isLoaded, { what: 'the alerts' });
    await other.saveAlertRule('always', ALWAYS);
    await eventually(() => shown(client).length === 1, { what: 'the alert' });
    rest.refuse(); // so that REST shows nothing meanwhile
    rest.cut();
    webSockets.refuse();
    webSockets.cut();
    await other.acknowledgeAlert(shown(client)[0]!.id);
    await other.removeAlertRule('always');
    await eventually(async () => (await other.listAlerts({ status: 'firing' })).alerts.length === 0, {
      what: 'the end of the alert',
    });
    expect(changes).toEqual(['firing']);
    await webSockets.accept();
    client.reconnect();
    await eventually(() => shown(client).length === 0, { what: 'what was missed' });
    expect(changes).toEqual(['firing', 'firing, acknowledged', 'resolved, acknowledged']);
  });

  it('have ended without a known end after a restart of a hub that forgets', async () => {
    await using bed = await startClientBed();
    const { client, hub } = bed;
    const ended: unknown[] = [];
    client.onAlertChange(({ alert, previous }) => {
      if (alert === null) ended.push(previous?.rule);
    });
    await client.saveAlertRule('always', ALWAYS);
    await eventually(() => shown(client).length === 1, { what: 'the alert' });
    await hub.kill('SIGKILL');
    await hub.restart();
    await eventually(() => shown(client).length === 0, { what: 'the empty list' });
    expect(ended).toEqual(['always']);
    await client.saveAlertRule('other', ALWAYS);
    await eventually(() => rules(client).join() === 'other', { what: 'the new alert' });
  });
});

describe('a client', () => {
  it('reports the kinds of settings that change', async () => {
    await using bed = await startClientBed();
    const { client } = bed;
    const kinds: AlertSettingKind[] = [];
    client.onAlertSettings((kind) => kinds.push(kind));
    await eventually(() => kinds.length === 5, { what: 'all kinds, which may have changed before' });
    kinds.length = 0;
    await client.saveAlertRule('always', ALWAYS);
    const untilMs = Date.now() + 3_600_000;
    const silence = await client.createSilence({ selector: '*', untilMs, reason: 'a test' });
    await client.removeSilence(silence.id);
    await eventually(() => kinds.length >= 3, { what: 'the changes' });
    expect(kinds).toEqual(['rules', 'silences', 'silences']);
    await eventually(() => rules(client).join() === 'always', { what: 'the alert' });
    // It may have begun to fire before the silence was gone.
    await eventually(() => shown(client)[0]?.mutes.length === 0, { what: 'no mute' });
  });
});
