/**
 * Records the messages between this version's hub, agent and runner, for tests of later versions:
 * `node e2e/fleet/recorded/record.ts`, at each release of a minor version. Writes `<version>.json`
 * beside this file.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually, openStatusClient, openTaskClient, startAgent } from '@booner/testkit';
import manifest from '../../../package.json' with { type: 'json' };
import { shell, waiting } from '../../tasks/actions.ts';
import { HOST, send, startTaskBed } from '../../tasks/task-bed.ts';
import { fieldsOf, readStore } from './read-store.ts';
import type { Fields, Recording } from './recording.ts';

const DEPLOY =
  'echo "::progress 50 Copying"; sleep 0.3; echo copied; echo careful >&2; printf \'{"files": 3}\' > "$BOONER_RESULT_FILE"';
const PARAMETERS = [
  { name: 'release', type: 'string', pattern: 'v[0-9]+', required: true, description: 'which one' },
  { name: 'slot', type: 'choice', choices: ['blue', 'green'], default: 'blue' },
  { name: 'copies', type: 'integer', min: 1, max: 9, default: 2 },
  { name: 'dry', type: 'boolean', default: false },
  { name: 'key', type: 'string', secret: true },
];
const LABEL = 'game server';
const HUBS_KEYS = /^booner:(?:targets$|task:|tasks|queued:|events$|log:)/;

await using bed = await startTaskBed({
  actions: (directory) => ({
    deploy: { ...shell(DEPLOY, directory), description: 'Deploys a release.', parameters: PARAMETERS },
    fail: shell('echo broken >&2; exit 3', directory),
    wait: waiting(directory),
  }),
  runnerEnv: null,
});
const { hub, operator, redis } = bed;
const commands: string[][] = [];
const monitor = await operator.monitor();
monitor.on('monitor', (_time: string, args: string[]) => void commands.push(args));

const runner = await bed.addRunner();
await bed.untilOffered(['deploy', 'fail', 'wait']);
const agent = await startAgent({ redisUrl: redis.url, hostId: HOST, env: { BOONER_LABEL: LABEL } });
await using _ = agent;
using status1 = await openStatusClient(hub.url, { version: 1 });
using status2 = await openStatusClient(hub.url, { version: 2, query: { detail: 'full' } });
using tasks1 = await openTaskClient(hub.url, { version: 1 });
using tasks2 = await openTaskClient(hub.url, { version: 2 });
const deadlineMs = 60_000;
await eventually(() => status1.latest()?.deployment_targets.some(({ specs }) => specs === LABEL), {
  deadlineMs,
  what: 'a target with its label',
});

const deploy = await bed.create('deploy', { release: 'v7', key: 'hidden' });
tasks2.send({ type: 'follow', taskId: deploy });
await bed.untilEnded(deploy);
await bed.untilEnded(await bed.create('fail'));
const wait = await bed.create('wait');
await bed.untilSaid(wait, 'running');
await bed.cancel(wait);
await bed.untilEnded(wait);
const ofType = (messages: readonly { message: unknown }[]) =>
  new Map(messages.map(({ message }) => [(message as { type: string }).type, message as Json]));
await eventually(() => ofType(status2.received).has('patch') && ofType(tasks2.received).has('log'), {
  deadlineMs,
  what: 'each type of message',
});

// Messages of hubs to runners that missed something.
const presence = JSON.parse((await operator.get(`booner:runner:${HOST}`)) ?? '');
const late = { host: HOST, instance: presence.instance, task: deploy };
const attempt = 'A'.repeat(21);
const progress = { attempt, logLines: 0, counter: 1, progressPercent: null, message: null };
for (const report of [
  { type: 'claim', ...late },
  { type: 'progress', ...late, ...progress },
]) {
  await operator.xadd(`booner:reports:${HOST}`, '*', 'report', JSON.stringify(report));
}

type Json = Record<string, unknown> & { readonly type: string };
const ofCommand = (name: string, key: string | RegExp) =>
  commands.filter(
    ([command, first = '']) =>
      command?.toLowerCase() === name && (typeof key === 'string' ? first === key : key.test(first)),
  );
const entriesOf = (key: string): Fields[] =>
  ofCommand('xadd', key).map((args) =>
    fieldsOf(args.slice(args.findIndex((arg) => /^(\*|\d+-.*)$/.test(arg)) + 1)),
  );
const control = () => new Map(entriesOf(`booner:control:${HOST}`).map((fields) => [fields.type, fields]));
await eventually(() => ['grant', 'deny', 'cancel', 'stop', 'settled'].every((type) => control().has(type)), {
  deadlineMs,
  what: 'each type of control message',
});
await runner.stop();
await agent.stop();
const published = () =>
  ofCommand('publish', `booner:metrics:${HOST}`).map(([, , text = '']) => JSON.parse(text));
await eventually(() => published().some(({ type }) => type === 'bye'), { deadlineMs, what: 'the farewell' });

const reports = new Map<string, Json>();
for (const { report = '' } of entriesOf(`booner:reports:${HOST}`)) {
  const message = JSON.parse(report);
  if (message.attempt !== attempt) reports.set(`${message.type} ${message.outcome?.status}`, message);
}
const described = ofCommand('hset', `booner:target:${HOST}`).map((args) => fieldsOf(args.slice(2)));
const offers = new Map(
  entriesOf(`booner:queue:${HOST}`).map((fields) => [fields.sealedParams === undefined, fields]),
);
const stored = Object.entries(await readStore(operator, 'booner:*')).filter(([key]) => HUBS_KEYS.test(key));

const recording: Recording = {
  version: manifest.version,
  recordedAtMs: Date.now(),
  host: HOST,
  agent: {
    inventory: JSON.parse(described.find(({ inventory }) => inventory !== undefined)?.inventory ?? ''),
    version: described.find(({ version }) => version !== undefined)?.version ?? '',
    sample: published().findLast(({ type }) => type === 'sample'),
    bye: published().findLast(({ type }) => type === 'bye'),
  },
  runner: { presence, reports: [...reports.values()], log: entriesOf(`booner:log:${deploy}`) },
  hub: { offers: [...offers.values()], control: [...control().values()] },
  stored: Object.fromEntries(stored),
  tasks: (await send(hub, 'GET', '/tasks?version=2')).body,
  frames: {
    status1: status1.latest() as unknown as Json,
    status2: [...ofType(status2.received).values()],
    tasks1: tasks1.latest() as unknown as Json,
    tasks2: [...ofType(tasks2.received).values()],
  },
};
monitor.disconnect();
const file = join(import.meta.dirname, `${manifest.version}.json`);
await writeFile(file, `${JSON.stringify(recording, null, 1)}\n`);
process.stdout.write(`${file}\n`);
