import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SecretList } from '@booner/protocol';
import { expect, it } from 'vitest';
import { boonerFor } from '../cli/booner.ts';
import { shell } from './actions.ts';
import { dumpRedis } from './dump-redis.ts';
import { readProcessTable } from './process-table.ts';
import { HOST, send, startTaskBed } from './task-bed.ts';
import { watchCommands } from './watch-commands.ts';

const VALUE = 'open-sesame-8Kd2\n-----second-line-----';

it('a secret that the command line sets reaches its action, is shown nowhere, and is missed clearly', async () => {
  const script =
    'echo "first: $BOONER_SECRET_DEPLOY_TOKEN"; test "$BOONER_SECRET_DEPLOY_TOKEN" = "$(cat "$1")"';
  await using bed = await startTaskBed({
    actions: (directory) => ({
      deploy: { ...shell(script, `${directory}/expected`), secrets: ['deploy-token'] },
    }),
    hubEnv: { BOONER_LOG_LEVEL: 'trace' },
    runnerEnv: { BOONER_LOG_LEVEL: 'trace' },
  });
  await writeFile(join(bed.directory, 'expected'), VALUE);
  expect((await send(bed.hub, 'POST', '/targets', { body: { host: HOST } })).status).toBe(201);
  using monitor = await watchCommands(bed.redis.url);
  await using booner = await boonerFor(bed.hub.url);
  const run = () => bed.post({ host: HOST, action: 'deploy', params: {} });
  expect(await run()).toMatchObject({ status: 422, body: { title: 'Secret not set' } });
  const rollout = { action: 'deploy', selector: '*' };
  expect(await send(bed.hub, 'POST', '/rollouts/plan', { body: rollout })).toMatchObject({
    body: { hosts: [{ host: HOST, state: 'no_secret', detail: expect.stringContaining('deploy-token') }] },
  });

  const set = (host: string, input: string) => booner.run(['secret', 'set', 'deploy-token', host], { input });
  const [wrongValue, wrongHost, done] = await Promise.all([
    set(HOST, 'a\0b'),
    set('10.9.9.9', VALUE),
    set(HOST, `${VALUE}\n`),
  ]);
  expect(wrongValue).toMatchObject({ code: 2, stderr: expect.stringContaining('control characters') });
  expect(wrongHost).toMatchObject({ code: 5, stderr: expect.stringContaining('no targets 10.9.9.9') });
  expect(done).toMatchObject({ code: 0, stderr: '' });
  expect(done.stdout).toMatch(/^HOST +SEALED FOR KEY\n10\.0\.0\.2 +[\w-]{43}\n$/);
  const started = bed.runner.lines.stdout.find((line) => line.includes('runner started'));
  expect(done.stdout).toContain((JSON.parse(started!) as { publicKey: string }).publicKey);

  const created = await run();
  const id = String(created.body.task_id);
  expect(await bed.untilEnded(id)).toMatchObject({ status: 'completed' });
  expect((await bed.log(id)).map(({ text }) => text)).toEqual(['first: [redacted]', '[redacted]']);
  const list = await booner.json<SecretList>(['secret', 'list']);
  expect(list.secrets).toMatchObject([
    { name: 'deploy-token', targets: [{ host: HOST, state: 'usable', setBy: null }] },
  ]);

  const held = await dumpRedis(bed.operator);
  const places: Readonly<Record<string, readonly string[]>> = {
    redis: [...held.values()],
    'commands to redis': [monitor.text()],
    answers: [JSON.stringify(created), JSON.stringify(list), done.stdout],
    'logs of hub and runner': [bed.hub, bed.runner].flatMap(({ lines }) => [
      ...lines.stdout,
      ...lines.stderr,
    ]),
    'command lines': (await readProcessTable()).map(({ commandLine }) => commandLine),
  };
  for (const [place, texts] of Object.entries(places)) {
    expect({ place, isEmpty: texts.length === 0 }).toEqual({ place, isEmpty: false });
    for (const line of VALUE.split('\n'))
      expect({ place, found: texts.filter((text) => text.includes(line)) }).toEqual({ place, found: [] });
  }
  expect(monitor.text()).toContain('booner:secrets:sealed');

  expect(await booner.json(['secret', 'remove', 'deploy-token', '--yes'])).toMatchObject({ hosts: [HOST] });
  expect(await run()).toMatchObject({ status: 422, body: { title: 'Secret not set' } });
});
