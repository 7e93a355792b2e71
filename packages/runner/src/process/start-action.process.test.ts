import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { runScript, startTestRun } from '../testing/run-to-end.ts';

const isRoot = process.geteuid?.() === 0;
const common = { description: '', required: false };
const text = { ...common, type: 'string', maxLength: 4096, secret: false, allowLeadingDash: false } as const;

it('completes with the last line of its output, or a sentence without any', async () => {
  expect((await runScript('echo one; echo; echo two; echo')).outcome).toEqual({
    status: 'completed',
    result: { details: 'two' },
    error: null,
  });
  expect((await runScript('echo only an error >&2')).outcome.result).toEqual({
    details: 'Task completed successfully',
  });
});

it.each([
  ['exit 3', 'exit code 3', { exitCode: 3 }],
  [
    'echo first >&2; echo "Failed to deploy: Connection refused" >&2; exit 1',
    'Failed to deploy: Connection refused',
    { exitCode: 1 },
  ],
  ['kill -SEGV $$', 'killed by SIGSEGV', null],
  ['kill -KILL $$', 'killed by SIGKILL', null],
])('fails after %j with %j', async (script, error, result) => {
  expect((await runScript(script)).outcome).toEqual({ status: 'failed', result, error });
});

it('reads the result from its file, and leaves the log alone', async () => {
  const { outcome, run } = await runScript(
    `echo out; printf '{"files": [1, 2],\\n "ok": true}' > "$BOONER_RESULT_FILE"`,
  );
  expect(outcome).toEqual({ status: 'completed', result: { files: [1, 2], ok: true }, error: null });
  expect(run.lines).toEqual([{ stream: 'stdout', text: 'out' }]);
});

it.each([
  ['no JSON', 'echo "{oops" > $BOONER_RESULT_FILE', 'it is not valid JSON in UTF-8'],
  ['no UTF-8', 'printf \'{"a":"\\377"}\' > $BOONER_RESULT_FILE', 'it is not valid JSON in UTF-8'],
  ['a list', 'echo "[1]" > $BOONER_RESULT_FILE', 'it must be a JSON object'],
  ['a number', 'echo 0 > $BOONER_RESULT_FILE', 'it must be a JSON object'],
  ['too much', 'head -c 100000000 /dev/zero > $BOONER_RESULT_FILE', 'it is larger than 65536 bytes'],
  ['a link', 'ln -s /etc/passwd $BOONER_RESULT_FILE', 'ELOOP'],
  [
    'a second name of a file',
    'echo "{}" > $BOONER_RESULT_FILE; ln $BOONER_RESULT_FILE $BOONER_RESULT_FILE.2',
    "it is not the process's own file",
  ],
  ['a named pipe', 'mkfifo $BOONER_RESULT_FILE', 'it is not a regular file'],
  ['a folder', 'mkdir $BOONER_RESULT_FILE', 'it is not a regular file'],
])('completes with the last line, and says why, when the result file holds %s', async (_, script, reason) => {
  const { outcome, run } = await runScript(`echo last; ${script}`);
  expect(outcome).toEqual({ status: 'completed', result: { details: 'last' }, error: null });
  expect(run.texts('runner')).toEqual([expect.stringContaining(`the result file was ignored: ${reason}`)]);
});

it('refuses a result that is nested too deep', async () => {
  const { run } = await runScript(
    `printf '{"a":%s%s}' "$(printf '[%.0s' $(seq 3000))" "$(printf ']%.0s' $(seq 3000))" > $BOONER_RESULT_FILE`,
  );
  expect(run.texts('runner')).toEqual(['the result file was ignored: it is nested deeper than 16 levels']);
});

it('ignores an empty result file', async () => {
  const { outcome, run } = await runScript('echo last; : > $BOONER_RESULT_FILE');
  expect([outcome.result, run.texts('runner')]).toEqual([{ details: 'last' }, []]);
});

it('reports progress while the process runs', async () => {
  const { run } = await runScript(
    'echo "::progress 40 Copying files"; echo "::progress 140 no"; echo "::progress 100" >&2',
  );
  expect(run.progress).toContainEqual({ progressPercent: 40, message: 'Copying files' });
  expect(run.progress).toContainEqual({ progressPercent: 100, message: null });
  expect(run.lines).toEqual([{ stream: 'stdout', text: '::progress 140 no' }]);
});

it('never shows a secret: not in lines, progress, result or error', async () => {
  const params = { key: 'hunter2 $x' };
  const action = { parameters: [{ ...text, name: 'key', secret: true }] };
  const script =
    'echo "::progress 1 $BOONER_PARAM_KEY"; echo "out $BOONER_PARAM_KEY"; env | grep BOONER_PARAM; echo "bad $BOONER_PARAM_KEY" >&2;';
  const good = `${script} echo "{\\"k\\": \\"$BOONER_PARAM_KEY\\"}" > $BOONER_RESULT_FILE`;
  const completed = await runScript(good, { action, params });
  expect(completed.outcome.result).toEqual({ k: '[redacted]' });
  const failed = await runScript(`${script} exit 1`, { action, params });
  expect(failed.outcome.error).toBe('bad [redacted]');
  for (const { run } of [completed, failed]) {
    expect(run.progress[0]?.message).toBe('[redacted]');
    expect(run.texts('stdout')).toEqual(['out [redacted]', 'BOONER_PARAM_KEY=[redacted]']);
  }
});

it('gives the process a clean environment', async () => {
  process.env.BOONER_TEST_LEAK = 'x';
  const { run } = await runScript('env', {
    action: { env: { MODE: 'fast' }, parameters: [{ ...text, name: 'place' }] },
    params: { place: 'eu' },
  });
  delete process.env.BOONER_TEST_LEAK;
  const names = run.texts('stdout').map((line) => line.split('=')[0]);
  // The shell itself adds PWD, and some add SHLVL and _.
  expect(names.filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name!)).sort()).toEqual([
    'BOONER_PARAM_PLACE',
    'BOONER_RESULT_FILE',
    'BOONER_RUN_DIR',
    'BOONER_TASK_ID',
    'HOME',
    'LANG',
    'LOGNAME',
    'MODE',
    'PATH',
    'SHELL',
    'USER',
  ]);
  expect(run.texts('stdout')).toContain(`BOONER_TASK_ID=${run.taskId}`);
});

it('starts in the folder that the action names, else in the root', async () => {
  const folder = tmpdir();
  expect((await runScript('pwd -P', { action: { cwd: folder } })).outcome.result).toEqual({
    details: folder,
  });
  expect((await runScript('pwd -P')).outcome.result).toEqual({ details: '/' });
});

it.each([
  [{ command: ['/nowhere/x'] }, 'cannot start /nowhere/x: the program was not found'],
  [{ command: ['no-such-program'] }, 'cannot start no-such-program: the program was not found'],
  [{ command: ['/etc/passwd'] }, 'cannot start /etc/passwd: it is not executable'],
  [
    { command: ['true'], cwd: '/nowhere' },
    'cannot start true: its working directory /nowhere does not exist or cannot be entered',
  ],
  [
    { command: ['true', 'x'.repeat(3_000_000)] },
    'cannot start true: its arguments and environment are too large',
  ],
  [{ command: ['true'], user: 'nobody-of-that-name' }, expect.stringMatching(/does not exist|only root can/)],
])('fails with the reason when it cannot start: %#', async (change, error) => {
  await using run = await startTestRun(change);
  expect(await run.ended).toEqual({ status: 'failed', result: null, error });
});

it.each([
  ';id',
  '$(id)',
  '`id`',
  '| id',
  '&& id',
  'a b  c',
  '*',
  '\'"',
  '\\',
  '{{value}}',
  '%s',
  'ü😀',
  '~',
  '!!',
])('passes %j as one argument and runs nothing of it', async (value) => {
  await using run = await startTestRun(
    { command: ['printf', '[%s]\n', '{{value}}', 'x{{value}}y'], parameters: [{ ...text, name: 'value' }] },
    { params: { value } },
  );
  await run.ended;
  expect(run.texts('stdout')).toEqual([`[${value}]`, `[x${value}y]`]);
});

it.skipIf(!isRoot)('runs as the user that the action names, who can write the result', async () => {
  const { outcome, run } = await runScript(
    'id -un; id -Gn; echo $HOME $USER; cat /etc/shadow 2>/dev/null; printf \'{"by":"%s"}\' "$(id -un)" > $BOONER_RESULT_FILE',
    { action: { user: 'nobody' } },
  );
  expect(run.texts('stdout')).toEqual(['nobody', 'nogroup', '/nonexistent nobody']);
  expect(outcome.result).toEqual({ by: 'nobody' });
});

it.skipIf(!isRoot)('reads no file of root that another user put in the place of the result', async () => {
  const { run } = await runScript('ln -s /etc/shadow $BOONER_RESULT_FILE', { action: { user: 'nobody' } });
  expect(run.texts('runner')).toEqual([expect.stringContaining('ELOOP')]);
});
