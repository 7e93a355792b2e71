import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually, openTaskClient } from '@booner/testkit';
import { expect, it } from 'vitest';
import { shell } from './actions.ts';
import { dumpRedis } from './dump-redis.ts';
import { processesWith, readProcessTable } from './process-table.ts';
import { HOST, startTaskBed } from './task-bed.ts';
import { watchCommands } from './watch-commands.ts';

const SECRET = 'open-sesame-7f3Q';

it('a secret parameter reaches the environment of its process and nothing else, although the action prints it', async () => {
  const script =
    'echo "$BOONER_TASK_ID" > "$1/id"; echo "::progress 10 with $BOONER_PARAM_TOKEN"; echo "the token is $BOONER_PARAM_TOKEN!"; while [ ! -e "$1/go" ]; do sleep 0.05; done; printf \'{"token":"%s"}\' "$BOONER_PARAM_TOKEN" > "$BOONER_RESULT_FILE"; echo "cannot use $BOONER_PARAM_TOKEN" >&2; exit "$2"';
  const parameters = [
    { name: 'token', type: 'string', secret: true, required: true },
    { name: 'code', type: 'integer', required: true },
  ];
  await using bed = await startTaskBed({
    hubs: 2,
    actions: (directory) => ({
      login: { ...shell(script, directory, '{{code}}'), parameters, concurrency: 2 },
    }),
    hubEnv: { BOONER_LOG_LEVEL: 'trace' },
    runnerEnv: { BOONER_LOG_LEVEL: 'trace' },
  });
  using monitor = await watchCommands(bed.redis.url);
  using client = await openTaskClient(bed.hub.url, { version: 1 });
  using client2 = await openTaskClient(bed.hubs[1]!.url, { version: 2 });
  const answers: string[] = [];
  const post = async (code: number, key: string) => {
    const { status, body } = await bed.post(
      { host: HOST, action: 'login', params: { token: SECRET, code } },
      { 'idempotency-key': key },
    );
    answers.push(JSON.stringify(body));
    expect(status).toBe(202);
    return String(body.task_id);
  };
  const good = await post(0, 'first');
  const bad = await post(3, 'second');
  expect(await post(0, 'first')).toBe(good);
  for (const id of [good, bad]) {
    client2.send({ type: 'follow', taskId: id, afterLine: 0 });
    await bed.untilSaid(id, 'the token is [redacted]!');
  }
  // The process has it, so the checks below are meaningful.
  const holders = await processesWith(SECRET);
  expect(holders.length).toBeGreaterThanOrEqual(2);
  for (const { environment, commandLine } of holders) {
    expect(commandLine).not.toContain(SECRET);
    expect(environment).toMatch(/(^|\0)BOONER_TASK_ID=/);
  }
  const pids = [bed.hub.pid, bed.hubs[1]!.pid, bed.runner.pid, bed.redis.pid];
  expect(holders.map(({ pid }) => pid).filter((pid) => pids.includes(pid))).toEqual([]);
  const held = await dumpRedis(bed.operator);
  expect(held.get(`booner:task:${good}`)).toContain('[redacted]');

  // Error messages do not repeat a caller's invalid secret either.
  const refused = await bed.post({ host: HOST, action: 'login', params: { token: `-${SECRET}`, code: 0 } });
  expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: '/params/token' }] } });
  answers.push(JSON.stringify(refused.body));

  await writeFile(join(bed.directory, 'go'), '');
  expect(await bed.untilEnded(good)).toMatchObject({ status: 'completed', result: { token: '[redacted]' } });
  expect(await bed.untilEnded(bad)).toMatchObject({ status: 'failed', error: 'cannot use [redacted]' });
  await eventually(
    () =>
      client.latest()?.[bad]?.status === 'failed' &&
      [good, bad].every((id) =>
        client2.received.some(
          ({ message }) => message.type === 'log' && message.taskId === id && message.end,
        ),
      ),
    { what: 'the ends at the clients' },
  );
  for (const path of [
    '/tasks',
    '/tasks?version=2',
    `/tasks/${good}?version=2`,
    `/tasks/${bad}`,
    `/tasks/${bad}/log`,
    `/targets/${HOST}/actions`,
    `/targets/${HOST}`,
    '/metrics',
  ]) {
    answers.push(await (await bed.hub.get(path)).text());
  }
  const entries = await readdir(bed.runner.stateDirectory, { recursive: true, withFileTypes: true });
  const files = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => readFile(join(parentPath, name), 'latin1')),
  );
  const daemons = [...bed.hubs, bed.runner];
  const places: Readonly<Record<string, readonly string[]>> = {
    redis: [...held.values(), ...(await dumpRedis(bed.operator)).values()],
    'commands to redis': [monitor.text()],
    streams: [...client.received, ...client2.received].map(({ text }) => text),
    answers,
    'logs of hubs and runner': daemons.flatMap(({ lines }) => [...lines.stdout, ...lines.stderr]),
    'state of the runner': files,
    'command lines': (await readProcessTable()).map(({ commandLine }) => commandLine),
  };
  for (const [place, texts] of Object.entries(places)) {
    expect({ place, isEmpty: texts.length === 0 }).toEqual({ place, isEmpty: false });
    expect({ place, found: texts.filter((text) => text.includes(SECRET)) }).toEqual({ place, found: [] });
  }
  expect(monitor.text()).toContain(`booner:log:${good}`);
});
