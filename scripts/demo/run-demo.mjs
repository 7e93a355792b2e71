// The demo itself: see main.mjs, which starts this.
import { chmod, copyFile, mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import process from 'node:process';
import { styleText } from 'node:util';
import {
  eventually,
  isFree,
  startAgent,
  startHub,
  startRedis,
  startRunner,
} from '../../packages/testkit/src/index.ts';
import { startSimulatedHosts } from './simulated-hosts.mjs';

const USUAL_PORT = 8000;
const EXAMPLES = join(import.meta.dirname, '../../examples');
/** Real agents and runners of this machine, and what each runs when the demo starts. */
const HOSTS = [
  {
    host: '127.0.0.2',
    label: 'game server',
    role: 'game',
    actions: ['existing-scripts/game.deploy', 'actions.d/countdown'],
    task: { action: 'game.deploy', params: { game: 'chess', custom_config: { board: { size: 8 } } } },
  },
  {
    host: '127.0.0.3',
    label: 'web server',
    role: 'web',
    actions: ['actions.d/failing-deploy', 'actions.d/ping'],
    task: { action: 'failing-deploy', params: {} },
  },
  {
    host: '127.0.0.4',
    label: 'infrastructure',
    role: 'infrastructure',
    actions: ['actions.d/disk-usage', 'actions.d/countdown'],
    task: { action: 'countdown', params: { seconds: 90 } },
  },
];

let isStarted = false;
const stopped = new Promise((resolve) => {
  process.on('disconnect', () => {
    if (!isStarted) process.exit(0); // which kills what has been started
    resolve();
  });
});

say('Starting a Redis, a hub, three agents and runners, and twenty simulated hosts ...');
const { redis, hub, simulated, daemons } = await startAll().catch((error) => {
  process.stderr.write(`The demo cannot start: ${error.message}\n`);
  process.exit(1);
});
isStarted = true;
printStarted();
const ended = await Promise.race([stopped, firstToEnd([hub, ...daemons])]);
if (ended !== undefined) say(`A part of the demo ended by itself. Its last lines:\n${ended}`);
await endAll();
process.exit(ended === undefined ? 0 : 1);

async function startAll() {
  const redis = await startRedis();
  const [hub, simulated, ...daemons] = await Promise.all([
    startDemoHub(redis.url),
    startSimulatedHosts(redis.url),
    ...HOSTS.flatMap((each) => [startHostAgent(redis.url, each), startHostRunner(redis.url, each)]),
  ]);
  await Promise.all(HOSTS.map(({ host, task }) => startTask(hub, { host, ...task })));
  return { redis, hub, simulated, daemons };
}

async function startDemoHub(redisUrl) {
  const port = process.env.PORT ?? ((await isFree(USUAL_PORT)) ? `${USUAL_PORT}` : undefined);
  // The history is on, unlike in tests.
  const env = { BOONER_HISTORY_DIR: undefined, ...(port === undefined ? {} : { PORT: port }) };
  return startHub({ redisUrl, env });
}

function startHostAgent(redisUrl, { host, label, role }) {
  const env = { BOONER_LABEL: label, BOONER_LABELS: `role=${role},env=demo` };
  return startAgent({ redisUrl, hostId: host, env });
}

/** Gives the runner its own folder of actions, which only this user can write to. */
async function startHostRunner(redisUrl, { host, actions }) {
  const actionsDirectory = join(await mkdtemp(join(tmpdir(), 'actions-')), 'actions.d');
  await mkdir(actionsDirectory, { mode: 0o755 });
  for (const action of actions) {
    const file = join(actionsDirectory, `${basename(action)}.yaml`);
    await copyFile(join(EXAMPLES, `${action}.yaml`), file);
    await chmod(file, 0o644); // the clone's files may be writable by a group
  }
  return startRunner({ redisUrl, hostId: host, actionsDirectory });
}

/** Starts a task once the hub knows that the runner offers its action. */
async function startTask(hub, task) {
  const request = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(task),
  };
  await eventually(async () => (await hub.get('/tasks', request)).status === 202, {
    what: `${task.action} on ${task.host}`,
  });
}

function printStarted() {
  const option = hub.port === USUAL_PORT ? '' : ` --hub ${hub.url}`;
  const booner = `npm run booner --${option}`;
  const width = widthOf(HOSTS.map(({ label }) => label));
  const names = HOSTS.map(({ actions }) => actions.map((path) => basename(path)).join(', '));
  const [first] = simulated.hosts;
  say(
    '',
    'Real agents and runners of this machine:',
    ...HOSTS.map(({ host, label }, index) => {
      const [agent, runner] = daemons.slice(2 * index);
      const actions = names[index].padEnd(widthOf(names));
      return `  ${host}  ${label.padEnd(width)}  ${actions}  agent ${agent.pid}, runner ${runner.pid}`;
    }),
    `Simulated hosts: ${first} to ${simulated.hosts.at(-1)}`,
    `Redis: ${redis.url}, process ${redis.pid}`,
    '',
    'In another terminal:',
    `  ${booner} status --watch`,
    `  ${booner} run ${HOSTS[0].host} countdown --follow`,
    '',
    'No sign-in is required: the hub and its Redis listen on 127.0.0.1 only.',
    '',
    styleText(['bold', 'cyan'], `Dashboard  ${hub.url}`, { stream: process.stdout }),
    'Ctrl-C stops',
    '',
  );
}

function widthOf(texts) {
  return Math.max(...texts.map(({ length }) => length));
}

/** Resolves with the last lines of the first daemon that ends. */
function firstToEnd(running) {
  return Promise.race(
    running.map(async (daemon) => {
      await daemon.exited;
      return [...daemon.lines.stdout.slice(-5), ...daemon.lines.stderr.slice(-5)].join('\n');
    }),
  );
}

/** Ends tasks first, so that no runner waits for one, and Redis last. */
async function endAll() {
  say('Stopping ...');
  await cancelTasks().catch(() => {}); // the hub may be what ended
  await Promise.all(daemons.map((daemon) => daemon.stop()));
  await simulated[Symbol.asyncDispose]();
  await hub.stop();
  await redis.stop();
}

async function cancelTasks() {
  const response = await hub.get('/tasks?version=2&status=running&limit=500');
  const { tasks } = await response.json();
  await Promise.all(tasks.map(({ id }) => hub.get(`/tasks/${id}/cancel`, { method: 'POST' })));
}

function say(...lines) {
  process.stdout.write(`${lines.join('\n')}\n`);
}
