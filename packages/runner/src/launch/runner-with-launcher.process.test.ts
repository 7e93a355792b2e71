import { eventually } from '@booner/testkit';
import { expect, it } from 'vitest';
import { startTestHost } from '../testing/test-host.ts';
import { startTestLauncher } from '../testing/test-launcher.ts';

const deadlineMs = 20_000;
const shell = (script: string, ...args: string[]) => ({ command: ['sh', '-c', script, 'sh', ...args] });

async function startBoth(actions: Readonly<Record<string, object>>) {
  await using stack = new AsyncDisposableStack();
  const launcher = stack.use(await startTestLauncher(actions));
  const host = stack.use(await startTestHost({ actions: () => ({}), launcherPath: launcher.path }));
  const owned = stack.move();
  return { launcher, host, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

it('runs a task with progress, output and result', async () => {
  const script =
    'echo "::progress 40 Copying $1"; echo one; printf \'{"to":"%s"}\' "$1" > "$BOONER_RESULT_FILE"';
  await using both = await startBoth({
    copy: { ...shell(script, '{{to}}'), parameters: [{ name: 'to', type: 'string', required: true }] },
  });
  const { host } = both;
  const id = await host.create('copy', { to: 'there' });
  expect(await host.untilEnded(id)).toMatchObject({
    status: 'completed',
    result: { to: 'there' },
    logLines: 1,
  });
  expect((await host.logOf(id)).map(({ text }) => text)).toEqual(['one']);
  expect(await host.untilEnded(await host.create('copy', { to: 1 }))).toMatchObject({
    status: 'failed',
    error: expect.stringMatching(/^refused by the target: \/to: /),
  });
});

it('passes artefacts on, in order and before the end', async () => {
  const script =
    'cd "$(dirname "$BOONER_RESULT_FILE")"; head -c 700000 /dev/zero > large; echo two > b; touch empty';
  await using both = await startBoth({
    build: { ...shell(script), artefacts: ['large', 'b', 'empty', 'c'] },
  });
  const { host } = both;
  const { artefacts } = await host.untilEnded(await host.create('build'));
  expect(artefacts?.files.map(({ name, bytes }) => [name, bytes])).toEqual([
    ['large', 700_000],
    ['b', 4],
    ['empty', 0],
  ]);
  expect(artefacts?.missing.map(({ name }) => name)).toEqual(['c']);
});

it('offers the actions of the launcher, and follows their changes', async () => {
  await using both = await startBoth({ one: { command: ['true'] } });
  const { launcher, host } = both;
  await launcher.writeAction('two', { command: ['true'], description: 'new' });
  const offered = await eventually(
    async () => {
      const { actions = [] } = (await host.presence()) ?? {};
      return actions.length === 2 ? actions : null;
    },
    { deadlineMs, what: 'the new action' },
  );
  expect(offered).toContainEqual(expect.objectContaining({ name: 'two', description: 'new' }));
});

it('ends a task as the runner stops if its action says so, and reports it', async () => {
  await using both = await startBoth({ wait: { ...shell('echo here; exec sleep 300'), onStop: 'fail' } });
  const { host } = both;
  const id = await host.create('wait');
  await eventually(async () => (await host.logOf(id)).length > 0, { deadlineMs, what: 'the task to run' });
  await host.stopRunner();
  expect(await host.untilEnded(id)).toMatchObject({ status: 'failed', error: 'the runner was stopped' });
});
