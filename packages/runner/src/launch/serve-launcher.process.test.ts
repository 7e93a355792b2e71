import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newTaskId } from '@booner/protocol/task-id';
import { eventually } from '@booner/testkit';
import { expect, it } from 'vitest';
import { startTestLauncher } from '../testing/test-launcher.ts';
import { connectToLauncher } from './connect-to-launcher.ts';
import { LAUNCH_VERSION, MAX_REQUEST_BYTES } from './messages.ts';

const deadlineMs = 20_000;
const hello = { type: 'hello', version: LAUNCH_VERSION };
/** JSON that no recursive function can go through. */
const deep = '['.repeat(60_000) + ']'.repeat(60_000);
const shell = (script: string, ...args: string[]) => ({ command: ['sh', '-c', script, 'sh', ...args] });
const string = (name: string, more: object = {}) => ({ name, type: 'string', ...more });
const ACTIONS = {
  greet: {
    ...shell('echo "hello $1"; echo "key $BOONER_PARAM_KEY"; echo no >&2', '{{who}}'),
    parameters: [string('who', { required: true, pattern: '[a-z]+' }), string('key', { secret: true })],
    env: { HIDDEN: 'x' },
  },
  log: { ...shell('echo "in with $BOONER_SECRET_LOG_IN"'), secrets: ['log-in'] },
  wait: { ...shell('echo $$; exec sleep 300'), concurrency: 2 },
  locked: { ...shell('exec sleep 300'), lock: 'site' },
  'locked-too': { ...shell('exec sleep 300'), lock: 'site' },
};

const isAlive = (pid: number) => existsSync(`/proc/${pid}`);

/** Connects as a runner would, and asks for the actions. */
async function connectAndServe(launcher: Awaited<ReturnType<typeof startTestLauncher>>) {
  const client = await launcher.connect();
  client.send(hello);
  client.send({ type: 'serve' });
  await client.untilType('actions');
  return client;
}

it('lists what a runner has to know of the actions, and nothing behind them', async () => {
  await using launcher = await startTestLauncher(ACTIONS);
  await using client = await connectAndServe(launcher);
  const listed = client.received.filter(({ type }) => type === 'action');
  expect(listed.map(({ action }) => (action as { name: string }).name).sort()).toEqual([
    'greet',
    'locked',
    'locked-too',
    'log',
    'wait',
  ]);
  expect(Object.keys(listed[0]?.action as object).sort()).toEqual([
    ...['approval', 'checkable', 'concurrency', 'description', 'idempotent', 'lock', 'name', 'onStop'],
    ...['parameters', 'retry', 'role', 'schedulable', 'secrets', 'steps', 'timeoutSeconds'],
  ]);
  expect(JSON.stringify(client.received)).not.toMatch(/sleep|HIDDEN|yaml/);
  await launcher.writeAction('new', { command: ['true'] });
  await client.until('the new action', ({ action }) => (action as { name?: string })?.name === 'new');
});

it('runs an action, with its output in order and without secrets', async () => {
  await using launcher = await startTestLauncher(ACTIONS);
  await using actions = await connectToLauncher({ path: launcher.path, onLost: () => {} });
  const names: string[] = [];
  await actions.serve((now) => void names.push(...now.keys()));
  expect(names).toContain('greet');
  const lines: string[] = [];
  const run = actions.start(
    { task: newTaskId(), action: 'greet', params: { who: 'you', key: 'hunter2' } },
    {
      onLine: (stream, text) => void lines.push(`${stream} ${text}`),
      onProgress: () => {},
      onSteps: () => {},
      onArtefacts: () => {},
    },
  );
  expect(await run.ended).toMatchObject({ status: 'completed', result: { details: 'key [redacted]' } });
  expect(lines.filter((line) => line.startsWith('stdout'))).toEqual([
    'stdout hello you',
    'stdout key [redacted]',
  ]);
  expect(lines).toContain('stderr no');
});

it('passes secrets that the action receives, and starts it with all of them or not at all', async () => {
  await using launcher = await startTestLauncher(ACTIONS);
  await using actions = await connectToLauncher({ path: launcher.path, onLost: () => {} });
  await actions.serve(() => {});
  const start = async (secrets?: Record<string, string>) =>
    actions.start(
      { task: newTaskId(), action: 'log', params: {}, secrets },
      { onLine: () => {}, onProgress: () => {}, onSteps: () => {}, onArtefacts: () => {} },
    ).ended;
  expect(await start({ 'log-in': 'hunter2', 'of-others': 'x' })).toMatchObject({
    result: { details: 'in with [redacted]' },
  });
  expect(await start()).toMatchObject({
    status: 'failed',
    error: expect.stringMatching(/\/log-in: this secret is not set$/),
  });
});

it('ends a run with the requested outcome when its processes are gone', async () => {
  await using launcher = await startTestLauncher(ACTIONS);
  await using actions = await connectToLauncher({ path: launcher.path, onLost: () => {} });
  await actions.serve(() => {});
  let pid = 0;
  const run = actions.start(
    { task: newTaskId(), action: 'wait', params: {} },
    {
      onLine: (_, text) => {
        pid = Number(text);
      },
      onProgress: () => {},
      onSteps: () => {},
      onArtefacts: () => {},
    },
  );
  await eventually(() => pid > 0, { deadlineMs, what: 'the process' });
  run.end({ status: 'cancelled', result: null, error: 'cancelled' }, 500);
  expect(await run.ended).toEqual({ status: 'cancelled', result: null, error: 'cancelled' });
  expect(isAlive(pid)).toBe(false);
});

it.each([
  ['an action that is not offered', { action: 'rm' }, 'this host does not offer the action "rm"'],
  ['a value that the file does not allow', { params: { who: '$(id)' } }, /^refused by the target: \/who: /],
  [
    'a parameter that the file does not know',
    { params: { who: 'a', x: 1 } },
    /^refused by the target: \/x: /,
  ],
])('does not start %s', async (_, change, error) => {
  await using launcher = await startTestLauncher(ACTIONS);
  await using client = await connectAndServe(launcher);
  client.send({ type: 'start', run: 1, task: newTaskId(), action: 'greet', params: { who: 'a' }, ...change });
  expect(await client.untilType('ended')).toMatchObject({
    run: 1,
    outcome: { status: 'failed', error: expect.stringMatching(error) },
  });
  expect(client.received.filter(({ type }) => type === 'line')).toEqual([]);
});

it.each([
  ['no JSON', 'start\n', /^the first message must be a hello, not "undefined"/],
  ['another first message', '{"type":"serve"}\n', /^the first message must be a hello, not "serve"/],
  ['another version', '{"type":"hello","version":99}\n', /version 99 instead of 3: restart booner-launcher/],
  [
    'a command of its own',
    `${JSON.stringify(hello)}\n${JSON.stringify({ type: 'start', run: 1, task: 'a'.repeat(21), action: 'greet', params: {}, command: ['id'] })}\n`,
    /^invalid message "start": .*command/,
  ],
  ['an unknown type', `${JSON.stringify(hello)}\n{"type":"exec"}\n`, /^invalid message "exec"/],
  ['a type without a text', `{"type":${deep}}\n`, /^the first message must be a hello, not "object"/],
  [
    'a second question about the actions',
    `${JSON.stringify(hello)}\n{"type":"serve"}\n{"type":"serve"}\n`,
    /^the actions were asked for twice/,
  ],
  [
    'too long a message',
    `${JSON.stringify(hello)}\n"${'x'.repeat(MAX_REQUEST_BYTES)}"\n`,
    /^a message is longer than/,
  ],
])('says why it closes the connection after %s, and serves the next one', async (_, text, reason) => {
  await using launcher = await startTestLauncher(ACTIONS);
  await using client = await launcher.connect();
  client.sendText(text);
  expect(await client.untilType('error')).toMatchObject({ reason: expect.stringMatching(reason) });
  await client.closed;
  await using next = await connectAndServe(launcher);
  expect(next.received.length).toBeGreaterThan(1);
});

it('keeps locks and limits for a runner that does not, and never runs a task twice at a time', async () => {
  await using launcher = await startTestLauncher(ACTIONS);
  await using client = await connectAndServe(launcher);
  const task = newTaskId();
  const start = (run: number, action: string, id = newTaskId()) =>
    client.send({ type: 'start', run, task: id, action, params: {} });
  const endOf = async (run: number) =>
    (await client.until(`the end of ${run}`, (message) => message.type === 'ended' && message.run === run))
      .outcome;
  start(1, 'locked', task);
  start(2, 'locked-too');
  expect(await endOf(2)).toMatchObject({ error: 'refused by the target: the lock site is in use' });
  for (const run of [3, 4, 5]) start(run, 'wait');
  expect(await endOf(5)).toMatchObject({ error: 'refused by the target: the action wait is in use' });
  start(6, 'greet', task);
  expect(await endOf(6)).toMatchObject({
    error: 'refused by the target: an earlier run of this task has not ended',
  });
});

it('ends what a connection started when it closes, and starts nothing for it afterwards', async () => {
  await using launcher = await startTestLauncher(ACTIONS);
  await using first = await connectAndServe(launcher);
  const task = newTaskId();
  first.send({ type: 'start', run: 1, task, action: 'wait', params: {} });
  const pid = Number((await first.untilType('line')).text);
  expect(isAlive(pid)).toBe(true);
  await using second = await launcher.connect();
  second.send(hello);
  await second.untilType('hello');
  first.send({ type: 'start', run: 2, task: newTaskId(), action: 'wait', params: {} });
  second.send({ type: 'end_left', question: 7, task });
  expect(await second.untilType('left_ended')).toMatchObject({ question: 7 });
  expect(isAlive(pid)).toBe(false);
  await first.closed;
  expect(launcher.said.filter((msg) => msg === 'starting an action')).toHaveLength(1);
});

it('ends what a connection started when another replaces it, even if its runner reads nothing', async () => {
  const flood = shell(
    'echo $$; head -c 8000000 /dev/zero | tr "\\0" x | fold -w 4000; touch "$1"; exec sleep 300',
  );
  await using launcher = await startTestLauncher({});
  const flooded = join(launcher.directory, 'flooded');
  await launcher.writeAction('flood', { command: [...flood.command, flooded] });
  await using first = await connectAndServe(launcher);
  await first.until('the action', ({ action }) => (action as { name?: string })?.name === 'flood');
  first.send({ type: 'start', run: 1, task: newTaskId(), action: 'flood', params: {} });
  const pid = Number((await first.untilType('line')).text);
  first.pause();
  await eventually(() => existsSync(flooded), { deadlineMs, what: 'the flood' });
  await using second = await launcher.connect();
  second.send(hello);
  await eventually(() => !isAlive(pid), { deadlineMs, what: 'the end of the run' });
});

it('drops and counts lines of a task while the runner does not read, and goes on afterwards', async () => {
  const flood = shell(
    'i=0; line=$(head -c 4000 /dev/zero | tr "\\0" x); while [ $i -lt 4000 ]; do echo "$line"; i=$((i+1)); done; touch "$1"; while [ ! -e "$1.go" ]; do sleep 0.05; done; echo last',
  );
  await using launcher = await startTestLauncher({});
  const flooded = join(launcher.directory, 'flooded');
  await launcher.writeAction('flood', { command: [...flood.command, flooded] });
  await using client = await connectAndServe(launcher);
  await client.until('the action', ({ action }) => (action as { name?: string })?.name === 'flood');
  client.pause();
  client.send({ type: 'start', run: 1, task: newTaskId(), action: 'flood', params: {} });
  await eventually(() => existsSync(flooded), { deadlineMs, what: 'the flood' });
  client.resume();
  await client.until('lines', ({ type }) => type === 'line');
  await launcher.writeAction('release', { ...shell('touch "$1.go"', flooded) });
  await client.until('the action', ({ action }) => (action as { name?: string })?.name === 'release');
  client.send({ type: 'start', run: 2, task: newTaskId(), action: 'release', params: {} });
  expect(await client.until('the end', ({ type, run }) => type === 'ended' && run === 1)).toMatchObject({
    outcome: { status: 'completed', result: { details: 'last' } },
  });
  const texts = client.received
    .filter(({ type, run }) => type === 'line' && run === 1)
    .map(({ text }) => text);
  expect(texts.at(-1)).toBe('last');
  expect(texts.at(-2)).toMatch(/^\d+ lines are missing here: the runner did not read them in time$/);
});

it('reports the loss of the launcher once, to a process that then ends', async () => {
  const lost: string[] = [];
  {
    await using launcher = await startTestLauncher(ACTIONS);
    const actions = await connectToLauncher({
      path: launcher.path,
      onLost: ({ code, message }) => void lost.push(`${code}: ${message}`),
    });
    await actions.serve(() => {});
  }
  await eventually(() => lost.length > 0, { deadlineMs, what: 'the loss' });
  expect(lost).toEqual([expect.stringMatching(/^launcher_lost: .* was lost: the launcher is stopping$/)]);
  await expect(connectToLauncher({ path: '/nowhere/socket', onLost: () => {} })).rejects.toMatchObject({
    code: 'launcher_lost',
    message: expect.stringContaining('ENOENT'),
  });
});

it('keeps a secret out of everything that other accounts can read', async () => {
  await using launcher = await startTestLauncher(ACTIONS);
  await using client = await connectAndServe(launcher);
  const secret = 'hunter2-in-no-argument';
  client.send({ type: 'start', run: 1, task: newTaskId(), action: 'wait', params: { key: secret } });
  expect(JSON.stringify(await client.untilType('ended'))).not.toContain(secret);
  client.sendText(`{"type":"start","params":{"key":"${secret}"}}\n`);
  expect(JSON.stringify(await client.untilType('error'))).not.toContain(secret);
  expect(launcher.said.join('\n')).not.toContain(secret);
  expect(await readFile('/proc/self/cmdline', 'utf8')).not.toContain(secret);
});
