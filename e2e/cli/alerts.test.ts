import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  Alert,
  AlertPage,
  ChannelList,
  DeliveryList,
  RuleList,
  RuleTrial,
  Silence,
  SilenceList,
} from '@booner/protocol';
import { eventually, freePort, startHub } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { firing, request } from '../alerts/alert-bed.ts';
import { boonerFor } from './booner.ts';

/** Fires on any host: some memory is always available. */
const ALWAYS = {
  selector: '*',
  when: { metric: 'memoryAvailableRatio', function: 'last', over: '10s' },
  warn: { on: 0.01, off: 0.001 },
};
const HOST = '127.0.0.1';
const BY_HOST = ['--selector', `host=${HOST}`];
const startFastHub = () => startHub({ env: { BOONER_INTERVAL_MS: '500' } });

describe('the command line and alerts', () => {
  it('lists, follows, acknowledges and silences them', async () => {
    await using hub = await startFastHub();
    await using booner = await boonerFor(hub.url);
    expect((await booner.run(['alerts'])).stderr).toBe('No open alerts.\n');
    const following = booner.start(['alerts', '--follow', '--json', '--rule', 'always']);
    const reading = booner.start(['alerts', '--follow', '--rule', 'always', '--selector', '*']);
    await request(hub, 'PUT', '/alert-rules/always', ALWAYS);
    const open = async () => (await firing(hub)).filter(({ rule }) => rule === 'always');
    await eventually(async () => (await open()).length === 1, { what: 'the alert' });
    const [alert] = (await open()) as [Alert];
    for (const each of [following, reading])
      await eventually(() => each.stdout().includes('firing'), { what: 'the alert to be followed' });
    const { alerts } = await booner.json<AlertPage>(['alerts', '--rule', 'always']);
    expect(alerts).toMatchObject([{ id: alert.id, host: HOST, severity: 'warn' }]);
    expect((await booner.run(['alerts'])).stdout).toMatch(
      /^ID +SEVERITY +RULE +TARGET +VALUE +SINCE.*\n\S+ +warn +always +127\.0\.0\.1 +\d+ %, over 1 %/,
    );
    expect((await booner.json<AlertPage>(['alerts', '--selector', ''])).alerts).toEqual([]);

    expect((await booner.run(['alert', 'ack'])).code).toBe(2);
    expect((await booner.run(['alert', 'ack', 'nothing-has-this-id'])).code).toBe(5);
    expect(await booner.json(['alert', 'ack', '--selector', ''])).toEqual({ alerts: [] });
    expect((await open())[0]?.acknowledged).toBeNull();
    expect((await booner.run(['alert', 'ack', ...BY_HOST])).stdout).toBe(
      `Acknowledged ${alert.id}: always on ${HOST}\n`,
    );
    expect((await open())[0]?.acknowledged).not.toBeNull();

    const silence = ['alert', 'silence', '--for', '2h', '--reason', 'new disks'];
    expect((await booner.run([...silence, '--selector', ''])).code).toBe(2);
    const created = await booner.json<Silence>([...silence, ...BY_HOST]);
    expect(created.untilMs - created.createdAtMs).toBeGreaterThan(7_000_000);
    await eventually(async () => (await open())[0]?.mutes.includes('silence'), { what: 'the silence' });
    expect((await booner.json<SilenceList>(['alert', 'silences'])).silences).toMatchObject([
      { id: created.id, selector: `host=${HOST}`, reason: 'new disks' },
    ]);
    expect((await booner.run(['alert', 'unsilence', created.id])).stdout).toBe(`Ended ${created.id}\n`);
    expect((await booner.run(['alert', 'unsilence', created.id])).code).toBe(5);
    await eventually(async () => (await open())[0]?.mutes.length === 0, { what: 'the end of the silence' });

    await request(hub, 'PUT', '/alert-rules/always', { ...ALWAYS, enabled: false });
    for (const each of [following, reading]) {
      await eventually(() => each.stdout().includes('resolved'), { what: 'the end of the alert' });
      each.kill('SIGINT');
      expect((await each.ended).code).toBe(0);
    }
    const lines = reading.stdout().trimEnd().split('\n');
    const words = ['firing', 'acknowledged by', 'muted: silenced', 'no longer muted', 'resolved after'];
    expect(lines.map((line) => words.find((word) => line.includes(word)) ?? line)).toEqual(words);
    const followed = following
      .stdout()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Alert);
    expect(followed.at(0)).toMatchObject({ id: alert.id, status: 'firing' });
    expect(followed.at(-1)).toMatchObject({ id: alert.id, status: 'resolved' });
    const past = await booner.json<AlertPage>(['alerts', '--resolved', '--rule', 'always']);
    expect(past.alerts.map(({ id }) => id)).toEqual([alert.id]);
    expect((await booner.run(['alerts', '--resolved'])).stdout).toMatch(/DURATION/);
  });

  it('lists rules, checks files of rules, and tries them on the stored history', async () => {
    // `undefined`: in its state directory.
    await using hub = await startHub({ env: { BOONER_INTERVAL_MS: '500', BOONER_HISTORY_DIR: undefined } });
    await using booner = await boonerFor(hub.url);
    const { rules } = await booner.json<RuleList>(['alert', 'rules']);
    expect(rules.map(({ rule }) => rule.name)).toContain('disk-usage');
    expect((await booner.run(['alert', 'rules'])).stdout).toMatch(
      /disk-usage +on +last of fileSystemUsageRatio/,
    );

    const [good, bad] = [join(booner.configDirectory, 'good.yaml'), join(booner.configDirectory, 'bad.yaml')];
    const never = { ...ALWAYS, name: 'never', warn: { on: 1, off: 0.999 } };
    await writeFile(good, JSON.stringify({ rules: [{ name: 'always', ...ALWAYS }, never] }));
    await writeFile(bad, 'rules:\n  - name: bad\n    selector: "*"\n    when: { state: gone }\n');
    expect((await booner.run(['alert', 'check', good])).code).toBe(0);
    const checked = await booner.run(['alert', 'check', booner.configDirectory]);
    expect(checked).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/bad\.yaml:4:13: rules\[0\]\.when\.state: /),
    });

    const trials = async (rule: string) =>
      (await booner.json<{ trials: (RuleTrial & { name: string })[] }>(['alert', 'test', rule])).trials;
    await eventually(async () => (await trials(good))[0]?.episodeCount === 1, { what: 'the history' });
    expect(await trials(good)).toMatchObject([
      { name: 'always', tried: 1, messageCount: 1, episodes: [{ host: HOST, endedAtMs: null }] },
      { name: 'never', tried: 1, episodeCount: 0 },
    ]);
    const { stdout } = await booner.run(['alert', 'test', good, '--range', '1h', '--host', HOST]);
    expect(stdout).toMatch(/^always\nTARGET +SEVERITY .*\n127\.0\.0\.1 +warn .* still open +1\n/);
    expect(stdout).toContain('never\nIt would not have fired on 1 target in the last 1h.\n');
    expect(await trials('disk-usage')).toMatchObject([{ name: 'disk-usage', tried: 1 }]);
    expect((await booner.run(['alert', 'test', 'nothing'])).code).toBe(5);
    expect((await booner.run(['alert', 'test', bad])).code).toBe(2);
  });

  it('lists and tests channels, and lists what is not delivered yet', async () => {
    await using hub = await startFastHub();
    await using booner = await boonerFor(hub.url);
    expect((await booner.run(['alert', 'channels'])).stderr).toBe('No channels yet: nobody is notified.\n');
    expect((await booner.run(['alert', 'deliveries'])).stderr).toBe(
      'All notifications have been delivered.\n',
    );
    const channel = { type: 'webhook', url: `http://127.0.0.1:${await freePort()}`, allowPrivate: true };
    await request(hub, 'PUT', '/alert-channels/ops', channel);
    expect((await booner.json<ChannelList>(['alert', 'channels'])).channels).toMatchObject([{ name: 'ops' }]);
    const test = await booner.run(['alert', 'channel-test', 'ops']);
    expect(test).toMatchObject({ code: 1, stdout: expect.stringMatching(/^not delivered: /) });
    expect((await booner.run(['alert', 'channel-test', 'nothing'])).code).toBe(5);

    await request(hub, 'PUT', '/alert-rules/always', { ...ALWAYS, channels: ['ops'] });
    const waiting = async () => (await booner.json<DeliveryList>(['alert', 'deliveries'])).deliveries;
    const isTried = async () => (await waiting()).some(({ attempts }) => attempts > 0);
    await eventually(isTried, { what: 'the first attempt' });
    expect(await waiting()).toMatchObject([{ channel: 'ops', rule: 'always', kind: 'firing' }]);
    expect((await booner.run(['alert', 'deliveries'])).stdout).toMatch(/^ID +CHANNEL +STATUS .*\n\S+ +ops /);
  });
});
