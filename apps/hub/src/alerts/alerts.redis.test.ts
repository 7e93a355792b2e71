import { startRedisAlerts } from '@booner/bus/redis/alerts';
import { shareCommands } from '@booner/bus/redis/share-commands';
import { newSecret } from '@booner/bus/secrets';
import { ALERT_LINK_PREFIX } from '@booner/protocol';
import { eventually, openAlertClient, type RedisServer, startRedis } from '@booner/testkit';
import { expect, it, vi } from 'vitest';
import { DB, endAlert, openAlert, RULE, startTestAlertHub, WEB } from '../testing/test-alert-hub.ts';

vi.setConfig({ testTimeout: 90_000 });

const until = (what: string, condition: () => unknown) => eventually(condition, { what });
const hubsOn = (server: RedisServer) => ({
  startAlerts: () =>
    startRedisAlerts({
      redis: { url: server.url },
      commands: shareCommands({ url: server.url }, 'test'),
    }),
});

it('keeps one acknowledgement when two hubs get it at once, and uses a link once', async () => {
  await using server = await startRedis();
  await using hub = await startTestAlertHub(hubsOn(server));
  await using other = await startTestAlertHub(hubsOn(server));
  await until('both boards', () => hub.board.isLoaded && other.board.isLoaded);
  const [db, web] = [await openAlert(hub.bus, DB), await openAlert(hub.bus, WEB)];
  await until('both alerts', () => [hub, other].every(({ board }) => board.open().length === 2));
  const hubs = [hub, other];
  const answers = await Promise.all(hubs.map(({ ask }) => ask('POST', `/alerts/${db}/ack`)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(answers[0]!.json).toEqual(answers[1]!.json);
  const { text: secret, hash } = newSecret(ALERT_LINK_PREFIX);
  await hub.bus.putAlertLink(hash, [web], 60_000);
  const links = await Promise.all(hubs.map(({ ask }) => ask('POST', '/alert-links/acknowledge', { secret })));
  expect(links.map(({ status }) => status).sort()).toEqual([200, 410]);
  await until('it on both', () =>
    hubs.every(({ board }) => board.findEpisode(web)?.alert.memory.episode?.acknowledged?.by === 'link'),
  );
});

it('shows settings of one hub on the other, with heartbeats', async () => {
  await using server = await startRedis();
  await using hub = await startTestAlertHub(hubsOn(server));
  await using other = await startTestAlertHub(hubsOn(server));
  await until('both boards', () => hub.board.isLoaded && other.board.isLoaded);
  await Promise.all([hub.settings.read(), other.settings.read()]);
  const { json } = await hub.ask('PUT', '/heartbeats/backup', { host: DB, every: '1d' });
  await until('the heartbeat', () => other.settings.heartbeats().length === 1);
  expect((await other.ask('POST', new URL(json.url).pathname)).status).toBe(204);
  await hub.settings.readBeats();
  expect((await hub.ask('GET', '/heartbeats')).json.heartbeats[0].lastBeatAtMs).toBe(other.clock.nowMs);
  const rule = { enabled: false, selector: '*', when: { state: 'offline' } };
  expect((await hub.ask('PUT', `/alert-rules/${RULE}`, rule)).status).toBe(200);
  await until('the rule', () => other.settings.rule(RULE)?.source === 'stored');
});

it('keeps clients during a crash of Redis, and resumes on another hub', async () => {
  await using server = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
  await using hub = await startTestAlertHub(hubsOn(server));
  await using other = await startTestAlertHub(hubsOn(server));
  await until('both boards', () => hub.board.isLoaded && other.board.isLoaded);
  using client = await openAlertClient(hub.url, { version: 2 });
  const types = () => client.received.map(({ message }) => message.type);
  const id = await openAlert(hub.bus, DB);
  await until('the alert', () => types().length === 2);
  await server.kill('SIGKILL');
  await until('the outage', () => types().length === 3);
  await server.restart();
  await until('the snapshot', () => types().length === 4);
  expect(types()).toEqual(['snapshot', 'event', 'bus', 'snapshot']);
  expect(client.latest()).toMatchObject({ bus: 'connected', alerts: [{ id }] });
  await until('the other hub', () => other.bus.connection().state === 'connected');
  const { cursor } = hub.board;
  await openAlert(hub.bus, WEB);
  await until('the other alert', () => [hub, other].every(({ board }) => board.open().length === 2));
  using back = await openAlertClient(other.url, { version: 2, query: { cursor } });
  await until('what was missed', () => back.received.length === 2);
  expect(back.received.map(({ message }) => message.type)).toEqual(['resumed', 'event']);
  await endAlert(hub.bus, WEB);
  await until('the end on both', () => types().at(-1) === 'event' && back.received.length === 3);
});
