import { BusError } from '@booner/bus';
import { createMemoryBus, type MemoryBus } from '@booner/bus/memory';
import {
  ALL_SCOPES,
  type AlertSettingKind,
  alertRuleSchema,
  heartbeatListSchema,
  type JsonObject,
  quietHoursListSchema,
  ruleListSchema,
  savedHeartbeatSchema,
  silenceListSchema,
  silenceSchema,
} from '@booner/protocol';
import { MAX_ALERT_SETTINGS } from '@booner/protocol/limits';
import { describe, expect, it } from 'vitest';
import { DB, RULE, startTestAlertHub, WEB } from '../testing/test-alert-hub.ts';

const LIMITED = { ...ALL_SCOPES, hosts: [DB] };
const READS_DB = { ...ALL_SCOPES, reads: 'role=db' };
const CPU = { selector: '*', when: { metric: 'cpuUsageRatio' }, warn: { on: 0.9, off: 0.8 } };

async function startHub(options?: Parameters<typeof startTestAlertHub>[1], memory = createMemoryBus()) {
  const hub = await startTestAlertHub(memory, options);
  await hub.settings.read();
  return { ...hub, memory, [Symbol.asyncDispose]: () => hub[Symbol.asyncDispose]() };
}

/** Stores as many settings as there can be. */
async function fill(
  memory: MemoryBus,
  kind: AlertSettingKind,
  value: (name: string) => JsonObject,
): Promise<void> {
  await using bus = memory.startAlerts();
  for (let n = 0; n < MAX_ALERT_SETTINGS; n++) {
    await bus.putSetting(kind, `s${n}`, value(`s${n}`), MAX_ALERT_SETTINGS);
  }
}

const pointersOf = ({ status, json }: { status: number; json: { errors?: { pointer: string }[] } }) => [
  status,
  ...new Set((json.errors ?? []).map(({ pointer }) => pointer)),
];

describe('/alert-rules', () => {
  it('lists the rules of Booner, replaces one, and restores it', async () => {
    await using hub = await startHub();
    await using other = await startHub({}, hub.memory);
    const sourceOf = async (at: typeof hub) => (await at.ask('GET', `/alert-rules/${RULE}`)).json.source;
    expect(ruleListSchema.parse((await hub.ask('GET', '/alert-rules')).json).rules.length).toBeGreaterThan(5);
    const refused = await hub.ask('DELETE', `/alert-rules/${RULE}`);
    expect([refused.status, refused.json.detail]).toEqual([
      409,
      expect.stringMatching(/PUT it with "enabled": false/),
    ]);
    const off = { enabled: false, selector: '*', when: { state: 'offline' } };
    const saved = await hub.ask('PUT', `/alert-rules/${RULE}`, off);
    expect(saved).toMatchObject({
      status: 200,
      json: { source: 'stored', file: null, rule: { enabled: false } },
    });
    await expect.poll(() => sourceOf(other)).toBe('stored');
    expect((await other.ask('DELETE', `/alert-rules/${RULE}`)).json).toEqual({ removed: RULE });
    expect(await sourceOf(other)).toBe('stock');
    expect(hub.notes.at(-1)).toEqual({ target: RULE, detail: expect.stringMatching(/"enabled":false/) });
    expect(other.notes.at(-1)).toEqual({ target: RULE });
  });

  it('does not change rules of files, and names the file', async () => {
    await using hub = await startHub();
    const rule = alertRuleSchema.parse({ ...CPU, name: 'cpu' });
    hub.settings.setFiles({ rules: [{ rule, file: 'cpu.yaml' }], issues: ['cpu.yaml: line 3 …'] });
    expect((await hub.ask('GET', '/alert-rules')).json.issues).toEqual(['cpu.yaml: line 3 …']);
    for (const [method, body] of [
      ['PUT', CPU],
      ['DELETE', undefined],
    ] as const) {
      const { status, json } = await hub.ask(method, '/alert-rules/cpu', body);
      expect([status, json.detail]).toEqual([409, expect.stringMatching(/cpu\.yaml/)]);
    }
  });

  it('points to what is wrong with a rule', async () => {
    await using hub = await startHub();
    for (const [body, ...pointers] of [
      [{ ...CPU, selector: 'role=' }, '/selector'],
      [{ ...CPU, when: { metric: 'nonsense' } }, '/when/metric'],
      [{ ...CPU, warn: { on: 'NaN', off: 0 } }, '/warn/on'],
      [{ ...CPU, warn: { on: null, off: 0 } }, '/warn/on'],
      [{ ...CPU, warn: { on: 80, off: 75 } }, '/warn/on', '/warn/off'],
      [{ ...CPU, name: 'another' }, '/name'],
      [{ ...CPU, channels: ['ops'] }, '/channels/0'],
      [{ ...CPU, escalate: [{ after: '5m', channels: ['boss'] }] }, '/escalate/0/channels/0'],
      [{ ...CPU, colour: 'red' }, '/colour'],
    ] as const) {
      expect(pointersOf(await hub.ask('PUT', '/alert-rules/cpu', body))).toEqual([400, ...pointers]);
    }
    for (const number of ['NaN', '1e999']) {
      const body = `{"selector":"*","when":{"metric":"load1Minute"},"warn":{"on":${number},"off":0}}`;
      expect((await hub.ask('PUT', '/alert-rules/cpu', body)).status).toBe(400);
    }
    expect(pointersOf(await hub.ask('PUT', '/alert-rules/UPPER', CPU))).toEqual([400, '/name']);
    expect((await hub.ask('GET', '/alert-rules/nothing')).json.detail).toMatch(/GET \/alert-rules lists/);
    expect((await hub.ask('DELETE', '/alert-rules/nothing')).status).toBe(404);
  });

  it('accepts channels that another hub has just stored', async () => {
    await using hub = await startHub();
    await using other = await startHub(
      { wrap: (bus) => ({ ...bus, nextEvents: () => new Promise(() => {}) }) },
      hub.memory,
    );
    const channel = {
      settings: { type: 'webhook', url: 'https://example.org' },
      sealed: 'x',
      isDefault: true,
    };
    await hub.bus.putSetting('channels', 'ops', channel, 10);
    expect((await other.ask('PUT', '/alert-rules/cpu', { ...CPU, channels: ['ops'] })).status).toBe(200);
  });

  it('selects nothing with an empty selector, and stores it', async () => {
    await using hub = await startHub();
    const { json } = await hub.ask('PUT', '/alert-rules/cpu', { ...CPU, selector: ' ' });
    expect(json.rule.selector).toBe('');
  });

  it('limits their number', async () => {
    const memory = createMemoryBus();
    await fill(memory, 'rules', (name) => ({ ...CPU, name }));
    await using hub = await startHub({}, memory);
    const { status, json } = await hub.ask('PUT', '/alert-rules/more', CPU);
    expect([status, json.detail]).toEqual([409, expect.stringMatching(/at most 500 alert rules/)]);
    expect((await hub.ask('PUT', '/alert-rules/s0', CPU)).status).toBe(200);
  });

  it('keeps within the scopes of the credential', async () => {
    await using hub = await startHub({ scopes: LIMITED });
    expect(pointersOf(await hub.ask('PUT', '/alert-rules/cpu', CPU))).toEqual([403, '/selector']);
    expect((await hub.ask('PUT', '/alert-rules/cpu', { ...CPU, selector: `host=${DB}` })).status).toBe(200);
    // It would no longer watch other hosts.
    const narrowed = { selector: `host=${DB}`, when: { state: 'offline' } };
    expect((await hub.ask('PUT', `/alert-rules/${RULE}`, narrowed)).status).toBe(403);
    expect((await hub.ask('DELETE', '/alert-rules/cpu')).status).toBe(200);
  });

  it('answers 503 before the settings have been read', async () => {
    await using hub = await startTestAlertHub(createMemoryBus());
    for (const path of ['/alert-rules', '/silences', '/quiet-hours', '/heartbeats']) {
      expect((await hub.ask('GET', path)).status).toBe(503);
    }
  });
});

describe('/silences', () => {
  const silence = (changes: object = {}) => ({
    selector: 'role=db',
    until: new Date(Date.now() + 3_600_000).toISOString(),
    reason: 'Disks are being replaced',
    ...changes,
  });

  it('creates, lists and ends one', async () => {
    await using hub = await startHub();
    const made = await hub.ask('POST', '/silences', silence({ rule: RULE }));
    expect(silenceSchema.parse(made.json)).toMatchObject({
      selector: 'role=db',
      rule: RULE,
      createdBy: 'id tester',
    });
    expect(made.status).toBe(201);
    expect(hub.notes.at(-1)).toEqual({ target: made.json.id, detail: expect.stringMatching(/replaced/) });
    const { silences } = silenceListSchema.parse((await hub.ask('GET', '/silences')).json);
    expect(silences).toEqual([made.json]);
    expect((await hub.ask('DELETE', `/silences/${made.json.id}`)).json).toEqual({ removed: made.json.id });
    expect((await hub.ask('DELETE', `/silences/${made.json.id}`)).status).toBe(404);
    expect((await hub.ask('GET', '/silences')).json).toEqual({ silences: [] });
  });

  it('points to what is wrong with one', async () => {
    await using hub = await startHub();
    for (const [changes, pointer] of [
      [{ until: '2020-01-01T00:00:00Z' }, '/until'],
      [{ until: 'tomorrow' }, '/until'],
      [{ rule: 'nothing' }, '/rule'],
      [{ selector: '=' }, '/selector'],
      [{ reason: ' ' }, '/reason'],
    ] as const) {
      expect(pointersOf(await hub.ask('POST', '/silences', silence(changes)))).toEqual([400, pointer]);
    }
  });

  it('does not count those that have ended', async () => {
    const memory = createMemoryBus();
    const ended = { ...silence(), rule: null, untilMs: 1, createdBy: 'x', createdAtMs: 0 };
    await fill(memory, 'silences', (id) => ({ ...ended, id }));
    await using hub = await startHub({}, memory);
    expect((await hub.ask('GET', '/silences')).json).toEqual({ silences: [] });
    expect((await hub.ask('POST', '/silences', silence())).status).toBe(201);
  });

  it('mutes no hosts outside the scopes of the credential', async () => {
    for (const scopes of [LIMITED, READS_DB]) {
      await using hub = await startHub({ scopes });
      for (const selector of ['*', 'role=db', `host=${WEB}`, `host in (${DB},${WEB})`, 'host=10.0.0.*']) {
        expect(pointersOf(await hub.ask('POST', '/silences', silence({ selector })))).toEqual([
          403,
          '/selector',
        ]);
      }
      expect((await hub.ask('POST', '/silences', silence({ selector: `host=${DB}` }))).status).toBe(201);
    }
    await using hub = await startHub();
    const all = (await hub.ask('POST', '/silences', silence({ selector: '*' }))).json.id;
    const web = (await hub.ask('POST', '/silences', silence({ selector: `host=${WEB}` }))).json.id;
    await using limited = await startHub({ scopes: READS_DB }, hub.memory);
    expect((await limited.ask('GET', '/silences')).json.silences).toMatchObject([{ id: all }]);
    expect((await limited.ask('DELETE', `/silences/${all}`)).status).toBe(403);
    expect((await limited.ask('DELETE', `/silences/${web}`)).status).toBe(404);
  });
});

describe('/quiet-hours', () => {
  const always = {
    type: 'weekly',
    days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
    from: '00:00',
    to: '00:00',
  };
  const hours = (changes: object = {}) => ({ selector: '*', timeZone: 'UTC', times: [always], ...changes });

  it('sets, lists and removes them, and says if they are in force', async () => {
    await using hub = await startHub();
    const saved = await hub.ask('PUT', '/quiet-hours/nights', hours());
    expect(saved).toMatchObject({ status: 200, json: { name: 'nights', isQuietNow: true } });
    await hub.ask(
      'PUT',
      '/quiet-hours/a',
      hours({ times: [{ type: 'cron', cron: '0 2 * * TUE#2', for: '1m' }] }),
    );
    const listed = quietHoursListSchema.parse((await hub.ask('GET', '/quiet-hours')).json).quietHours;
    expect(listed.map(({ name }) => name)).toEqual(['a', 'nights']);
    expect((await hub.ask('DELETE', '/quiet-hours/nights')).status).toBe(200);
    expect((await hub.ask('DELETE', '/quiet-hours/nights')).json.title).toBe('No such quiet hours');
  });

  it('points to what is wrong with them', async () => {
    await using hub = await startHub();
    const cron = (text: string) => hours({ times: [always, { type: 'cron', cron: text, for: '1h' }] });
    for (const [body, pointer] of [
      [cron('0 2 * * * *'), '/times/1/cron'],
      [cron('61 25 * * *'), '/times/1/cron'],
      [cron('0 0 31 2 *'), '/times/1/cron'],
      [hours({ timeZone: 'Mars/Olympus' }), '/timeZone'],
      [hours({ rules: [RULE, 'nothing'] }), '/rules/1'],
      [hours({ selector: 'a b' }), '/selector'],
    ] as const) {
      expect(pointersOf(await hub.ask('PUT', '/quiet-hours/nights', body))).toEqual([400, pointer]);
    }
  });

  it('keeps within the scopes of the credential', async () => {
    await using hub = await startHub({ scopes: LIMITED });
    expect((await hub.ask('PUT', '/quiet-hours/nights', hours())).status).toBe(403);
    expect((await hub.ask('PUT', '/quiet-hours/nights', hours({ selector: `host=${DB}` }))).status).toBe(200);
  });
});

describe('/heartbeats', () => {
  const backup = { host: DB, every: '1d' };
  const put = async (hub: Awaited<ReturnType<typeof startHub>>, query = '') =>
    savedHeartbeatSchema.parse((await hub.ask('PUT', `/heartbeats/backup${query}`, backup)).json);
  const pathOf = (url: string | null) => new URL(url!).pathname;

  it('shows the URL once, keeps the key, and makes a new one on request', async () => {
    await using hub = await startHub();
    const first = await hub.ask('PUT', '/heartbeats/backup', backup);
    expect(first.headers.get('cache-control')).toBe('no-store');
    expect(first.json.url).toMatch(/^https:\/\/hub\.example\.org\/heartbeats\/bnh_[\w-]{43}$/);
    expect(hub.notes.at(-1)).toEqual({
      target: 'backup',
      detail: `${JSON.stringify(backup)} with a new key`,
    });
    expect((await put(hub)).url).toBeNull();
    expect((await hub.ask('POST', pathOf(first.json.url))).status).toBe(204);
    const { url } = await put(hub, '?newKey=true');
    expect((await hub.ask('POST', pathOf(first.json.url))).status).toBe(404);
    expect((await hub.ask('POST', pathOf(url))).status).toBe(204);
    await hub.settings.readBeats();
    const { heartbeats } = heartbeatListSchema.parse((await hub.ask('GET', '/heartbeats')).json);
    expect(heartbeats).toEqual([
      { ...backup, name: 'backup', createdAtMs: hub.clock.nowMs, lastBeatAtMs: hub.clock.nowMs },
    ]);
    expect((await hub.ask('DELETE', '/heartbeats/backup')).status).toBe(200);
    expect((await hub.ask('POST', pathOf(url))).status).toBe(404);
  });

  it('keeps the key that another hub has just made', async () => {
    await using hub = await startHub();
    const idle = {
      wrap: (bus: typeof hub.bus) => ({ ...bus, nextEvents: () => new Promise<never>(() => {}) }),
    };
    await using other = await startHub(idle, hub.memory);
    const { url } = await put(hub);
    expect((await put(other)).url).toBeNull();
    expect((await other.ask('POST', pathOf(url))).status).toBe(204);
  });

  it('limits unknown keys by address, and heartbeats by key', async () => {
    await using hub = await startHub();
    const path = pathOf((await put(hub)).url);
    const statuses: number[] = [];
    for (let n = 0; n < 11; n++) statuses.push((await hub.ask('POST', `/heartbeats/bnh_${n}`)).status);
    expect(statuses).toEqual([...Array(10).fill(404), 429]);
    const beats = await Promise.all(Array.from({ length: 40 }, () => hub.ask('POST', path)));
    expect(beats.filter(({ status }) => status === 204)).toHaveLength(30);
    expect(Number(beats.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('does not log the key, whatever happens', async () => {
    const errors = [new BusError('refused', 'no', { reply: 'NOPERM' }), new Error('a defect')];
    await using hub = await startHub({
      wrap: (bus) => ({ ...bus, beat: () => Promise.reject(errors.shift()) }),
    });
    const path = pathOf((await put(hub)).url);
    expect((await hub.ask('POST', path)).status).toBe(503);
    expect((await hub.ask('POST', path)).status).toBe(500);
    const texts = hub.lines.map(({ text }) => text);
    expect(texts.filter((text) => text.includes('[redacted]'))).toHaveLength(2);
    const key = path.split('/').at(-1)!;
    expect([...texts, JSON.stringify(hub.notes)].filter((text) => text.includes(key.slice(4, 20)))).toEqual(
      [],
    );
  });

  it('needs a target within the scopes of the credential', async () => {
    await using hub = await startHub({ scopes: LIMITED });
    expect(pointersOf(await hub.ask('PUT', '/heartbeats/backup', { ...backup, host: WEB }))).toEqual([
      403,
      '/host',
    ]);
    expect((await hub.ask('PUT', '/heartbeats/backup', backup)).status).toBe(200);
    await using all = await startHub({}, hub.memory);
    expect(pointersOf(await all.ask('PUT', '/heartbeats/x', { ...backup, host: '10.0.0.9' }))).toEqual([
      404,
      '/host',
    ]);
    await all.ask('PUT', '/heartbeats/other', { ...backup, host: WEB });
    await using reader = await startHub({ scopes: READS_DB }, hub.memory);
    expect((await reader.ask('GET', '/heartbeats')).json.heartbeats).toMatchObject([{ name: 'backup' }]);
  });
});
