import type { ServerResponse } from 'node:http';
import { mailRefusal, type Receiver, startMailServer, startReceiver } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import type { Feature } from '../../feature/feature.ts';
import { sealingKeyOf } from '../../sealing/seal.ts';
import { ids, keysOf, sealed, startSenderBed, until, webhookTo } from '../../testing/sender-bed.ts';
import { EXAMPLE_SETTINGS } from '../channels/testing/example-settings.ts';

const HOUR_MS = 3_600_000;
const byName = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true });
const sorted = (keys: readonly string[]) => keys.toSorted(byName);
const status =
  (code: number, text = '') =>
  (response: ServerResponse) => {
    response.statusCode = code;
    response.end(text);
  };

/** A hub that sends to one receiver by the channel `ops`. */
async function startScene(answer?: Parameters<typeof startReceiver>[0]) {
  await using stack = new AsyncDisposableStack();
  const receiver = stack.use(await startReceiver(answer));
  const bed = stack.use(await startSenderBed({ ops: webhookTo(receiver) }));
  const hub = bed.startHub();
  const owned = stack.move();
  return { ...bed, hub, receiver, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** What a hub counts in `/metrics`, without zeros. */
function outcomesOf({ metrics }: Pick<Required<Feature>, 'metrics'>) {
  const counts = metrics.flatMap((metric) =>
    metric.type === 'counter' && metric.label === 'outcome' ? [...metric.read()] : [],
  );
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

describe.concurrent('what is in the outbox', () => {
  it('is sent once, and taken off', async () => {
    await using scene = await startScene();
    await scene.put('ops', ids(5));
    await until('all to arrive', () => scene.receiver.requests.length === 5);
    await until('an empty outbox', scene.isEmpty);
    expect(sorted(keysOf(scene.receiver))).toEqual(ids(5));
    expect(outcomesOf(scene.hub)).toEqual({ delivered: 5 });
    expect(scene.lines).toEqual([]);
  });

  it('waits for no receiver that hangs, other than what goes to that one', async () => {
    const open: ServerResponse[] = [];
    let hangs = true;
    await using slow = await startReceiver((response) => {
      if (hangs) open.push(response);
      else response.end();
    });
    await using quick = await startReceiver();
    await using bed = await startSenderBed({ slow: webhookTo(slow), quick: webhookTo(quick) });
    bed.startHub();
    await bed.put('slow', ids(15, 's'));
    await until('attempts that hang', () => open.length === 4);
    await bed.put('quick', ids(15, 'q'));
    await until('the others to arrive', () => quick.requests.length === 15);
    // None of the four has ended meanwhile, and no fifth was made.
    expect(open.filter(({ destroyed }) => destroyed)).toEqual([]);
    expect(slow.requests).toHaveLength(4);
    const waiting = (await bed.list()).filter(({ channel }) => channel === 'slow');
    expect(waiting).toHaveLength(15);
    expect(waiting.every(({ attempts }) => attempts === 0)).toBe(true);
    hangs = false;
    for (const response of open) response.end();
    await until('an empty outbox', bed.isEmpty);
    expect(sorted(keysOf(slow))).toEqual(ids(15, 's'));
  });

  it('is sent again until the receiver works, with the same key', async () => {
    let failures = 3;
    await using scene = await startScene((response) => status(failures-- > 0 ? 500 : 200)(response));
    await scene.put('ops', ['n-1']);
    await until('an empty outbox', scene.isEmpty);
    expect(keysOf(scene.receiver)).toEqual(['n-1', 'n-1', 'n-1', 'n-1']);
    expect(outcomesOf(scene.hub)).toEqual({ failed: 3, delivered: 1 });
    expect(scene.lines).toEqual([]);
  });

  it('never says that something is resolved before it has said that it fires', async () => {
    let failures = 2;
    await using scene = await startScene((response) => status(failures-- > 0 ? 500 : 200)(response));
    const other = scene.startHub();
    await scene.put('ops', ['fires']);
    await until('a failure', () => scene.receiver.requests.length > 0);
    await scene.put('ops', ['ends'], { status: 'resolved', kind: 'resolved' });
    await until('an empty outbox', scene.isEmpty);
    expect(keysOf(scene.receiver)).toEqual(['fires', 'fires', 'fires', 'ends']);
    expect(other.outbox.connection().state).toBe('connected');
  });

  it('waits for a channel that fails, without attempts, and the log says so once', async () => {
    let works = false;
    await using scene = await startScene((response) => status(works ? 200 : 503)(response));
    await scene.put('ops', ids(10));
    await until('the channel to be paused', () => scene.lines.length > 0);
    const listed = await until('all to wait', async () => {
      const items = await scene.list();
      return items.every((item) => item.status === 'postponed') && items;
    });
    const attempts = listed.reduce((sum, item) => sum + item.attempts, 0);
    expect(attempts).toBe(scene.receiver.requests.length);
    expect(attempts).toBeGreaterThanOrEqual(5);
    works = true;
    await until('an empty outbox', scene.isEmpty);
    const delivered = keysOf(scene.receiver).slice(attempts);
    expect(new Set(delivered)).toEqual(new Set(ids(10)));
    expect(scene.lines.map(({ level, message }) => [level, message])).toEqual([
      ['warn', 'a channel fails: notifications to it wait'],
      ['info', 'a channel takes notifications again'],
    ]);
    expect(scene.lines[0]?.text).toContain('HTTP 503');
  });

  it('is mailed again until the mail server takes it, as the same message', async () => {
    let refusals = 2;
    await using server = await startMailServer({
      onRcptTo: (_address, _session, callback) =>
        callback(refusals-- > 0 ? mailRefusal(451, 'greylisted') : null),
      disabledCommands: ['STARTTLS'],
      allowInsecureAuth: true,
    });
    await using bed = await startSenderBed({
      ops: {
        ...EXAMPLE_SETTINGS.email,
        host: 'localhost',
        port: server.port,
        tls: 'none',
        allowPrivate: true,
      },
    });
    const hub = bed.startHub();
    await bed.put('ops', ['n-1']);
    await until('an empty outbox', bed.isEmpty);
    expect(server.received.map(({ text }) => /^Message-ID: (.+)\r$/im.exec(text)?.[1])).toEqual([
      '<n-1@example.org>',
    ]);
    expect(outcomesOf(hub)).toEqual({ failed: 2, delivered: 1 });
  });

  it('waits for as long as the receiver asks, and so does all that goes there', async () => {
    await using scene = await startScene((response) => {
      response.setHeader('retry-after', '3600');
      status(429)(response);
    });
    await scene.put('ops', ['n-1']);
    await until('the first answer', async () => (await scene.list())[0]?.status === 'postponed');
    await scene.put('ops', ['n-2']);
    const items = await until('both to wait', async () => {
      const listed = await scene.list();
      return listed.every((item) => item.status === 'postponed') && listed.length === 2 && listed;
    });
    expect(scene.receiver.requests).toHaveLength(1);
    expect(items.map(({ attempts }) => attempts).sort()).toEqual([0, 1]);
    for (const { nextAtMs } of items) {
      expect((nextAtMs ?? 0) - Date.now()).toBeGreaterThan(0.9 * HOUR_MS);
      expect((nextAtMs ?? 0) - Date.now()).toBeLessThanOrEqual(HOUR_MS);
    }
  });

  it('follows no redirect, and is kept with what was answered', async () => {
    await using inner = await startReceiver();
    await using scene = await startScene((response) => {
      response.setHeader('location', `${inner.url}/internal`);
      status(302)(response);
    });
    await scene.put('ops', ids(3));
    const dead = await until('all to be dead', async () => {
      const items = await scene.list();
      return items.every((item) => item.status === 'dead') && items.length === 3 && items;
    });
    expect(inner.requests).toEqual([]);
    expect(dead[0]).toMatchObject({ attempts: 1, answer: expect.stringContaining('redirects to') });
    expect(scene.lines.map(({ message }) => message)).toEqual([
      'a channel refuses notifications, which are kept as undelivered: check its settings',
    ]);
    expect(outcomesOf(scene.hub)).toEqual({ rejected: 3 });
  });

  it('reaches no private network unless the channel allows it', async () => {
    await using inner = await startReceiver();
    await using scene = await startScene();
    scene.stored.set('closed', await sealed('closed', { ...webhookTo(inner), allowPrivate: false }));
    await scene.put('closed', ['n-1']);
    const [item] = await until('it to be dead', async () => {
      const items = await scene.list();
      return items[0]?.status === 'dead' && items;
    });
    expect(item?.answer).toMatch(/private network: set allowPrivate/);
    expect(inner.requests).toEqual([]);
  });

  it('is given up after a day, with a last attempt, and can be sent again by hand', async () => {
    let works = false;
    await using scene = await startScene((response) => status(works ? 200 : 500, 'broken')(response));
    await scene.put('ops', ['n-1']);
    await until('an attempt', () => scene.receiver.requests.length > 0);
    scene.shift(24 * HOUR_MS);
    const [item] = await until('it to be dead', async () => {
      const items = await scene.list();
      return items[0]?.status === 'dead' && items;
    });
    expect(item?.answer).toMatch(/^HTTP 500 broken/);
    expect(item?.attempts).toBe(scene.receiver.requests.length);
    expect(outcomesOf(scene.hub)).toMatchObject({ expired: 1 });
    works = true;
    scene.shift(-24 * HOUR_MS);
    expect(await scene.outbox.retry('n-1:ops')).toBe(true);
    await until('an empty outbox', scene.isEmpty);
  });

  it('is kept with the reason if its channel was removed', async () => {
    await using scene = await startScene();
    scene.stored.delete('ops');
    await scene.put('gone', ['n-1']);
    const [item] = await until('it to be dead', async () => {
      const items = await scene.list();
      return items[0]?.status === 'dead' && items;
    });
    expect(item?.answer).toBe('the channel gone was removed');
  });

  it('goes to a channel that the hub did not know yet, or that was saved again', async () => {
    await using scene = await startScene(status(401));
    await using other = await startReceiver();
    scene.stored.set('new', await sealed('new', webhookTo(other)));
    await scene.put('new', ['n-1']);
    await until('it to arrive', () => other.requests.length === 1);
    await scene.put('ops', ['n-2']);
    await until('a refusal', async () => (await scene.list())[0]?.status === 'dead');
    scene.stored.set('ops', await sealed('ops', webhookTo(other)));
    scene.stored.delete('new');
    await scene.put('unknown', ['n-3']); // makes the hub read all channels
    await until('that one to be dead', async () => (await scene.list()).length === 2);
    await scene.outbox.retry('n-2:ops');
    await until('it to arrive', () => other.requests.length === 2);
    expect(keysOf(other)).toEqual(['n-1', 'n-2']);
  });

  it('waits for a hub that can open the secrets of its channel', async () => {
    await using receiver = await startReceiver();
    await using bed = await startSenderBed({});
    const key = sealingKeyOf('the secret of the other hub');
    bed.stored.set('ops', await sealed('ops', webhookTo(receiver), key));
    bed.startHub();
    await bed.put('ops', ['n-1']);
    await until('an attempt', async () =>
      (await bed.list())[0]?.answer?.includes('BOONER_ALERT_SECRET_FILE'),
    );
    bed.startHub({ sealingKey: { ok: true, key } });
    await until('an empty outbox', bed.isEmpty);
    expect(keysOf(receiver)).toEqual(['n-1']);
  });
});

describe.concurrent('a channel that gets too many messages', () => {
  const digestsOf = (receiver: Receiver) =>
    receiver.requests
      .map(({ body }) => JSON.parse(body.toString()))
      .filter(({ id }) => id.startsWith('digest-'));

  it('gets twenty in a minute, and the others as one digest, whatever hub sends it', async () => {
    await using receiver = await startReceiver();
    await using bed = await startSenderBed({ ops: webhookTo(receiver) });
    const hubs = [1, 2, 3].map(() => bed.startHub({ holdMs: 0 }));
    for (const hub of hubs) expect(outcomesOf(hub)).toEqual({});
    await bed.put('ops', ids(50));
    await until('an empty outbox', bed.isEmpty);
    const single = keysOf(receiver).filter((key) => !key.startsWith('digest-'));
    expect(single).toHaveLength(20);
    const digests = digestsOf(receiver);
    const told = digests.flatMap(({ kind, text, title }) =>
      kind === 'summary' ? String(text).split('\n') : [title],
    );
    expect(told).toHaveLength(30);
    expect(new Set(digests.map(({ id }) => id)).size).toBe(digests.length);
  });

  it('says in the digest how many there are and what they are', async () => {
    await using receiver = await startReceiver();
    await using bed = await startSenderBed({ ops: webhookTo(receiver) });
    await bed.put('ops', ids(20));
    const hub = bed.startHub({ holdMs: 6000 });
    await until('the first ones', () => receiver.requests.length === 20);
    await bed.put('ops', ids(3, 'fires'), { title: 'CPU on db-1' });
    await bed.put('ops', ['ends'], { status: 'resolved', kind: 'resolved', title: 'Disk on db-1' });
    await until('the digest', () => digestsOf(receiver).length === 1);
    await until('an empty outbox', bed.isEmpty);
    expect(digestsOf(receiver)).toMatchObject([
      {
        kind: 'summary',
        title: '4 notifications on 1 target',
        text: '• crit: CPU on db-1\n• crit: CPU on db-1\n• crit: CPU on db-1\n• resolved: Disk on db-1',
        status: 'resolved',
        severity: 'crit',
        url: 'https://hub.example.org/dashboard/alerts',
      },
    ]);
    expect(outcomesOf(hub)).toEqual({ delivered: 21, digested: 4 });
  });

  it('gets each incident, since a digest of incidents would never be resolved', async () => {
    await using receiver = await startReceiver();
    await using bed = await startSenderBed({
      ops: { ...EXAMPLE_SETTINGS.alertmanager, server: receiver.url, allowPrivate: true },
    });
    bed.startHub();
    await bed.put('ops', ids(30));
    await until('all to arrive', () => receiver.requests.length === 30);
    await until('an empty outbox', bed.isEmpty);
  });
});

describe.concurrent('a hub that stops', () => {
  it('stores what receivers answer, and hands over what it could not finish', async () => {
    const open: ServerResponse[] = [];
    let hangs = true;
    await using scene = await startScene((response) => {
      if (hangs) open.push(response);
      else response.end();
    });
    await scene.put('ops', ids(2));
    await until('attempts that hang', () => open.length === 2);
    const ended = scene.hub.end();
    open[0]?.end();
    await ended;
    await until('the other attempt to end', () => open[1]?.destroyed);
    const [item, ...others] = await scene.list();
    expect(others).toEqual([]);
    expect(item).toMatchObject({ status: 'postponed', attempts: 0 });
    hangs = false;
    scene.startHub();
    await until('an empty outbox', scene.isEmpty);
    expect(scene.receiver.requests).toHaveLength(3);
  });
});
