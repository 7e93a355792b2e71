import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { START_CURSOR } from '@booner/protocol/cursor';
import { newTaskId, type TaskId } from '@booner/protocol/task-id';
import { eventually } from '@booner/testkit';
import { CompactEncrypt, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { HOST, startTestHost, type TestHost } from './testing/test-host.ts';

const shell = (script: string, ...args: string[]) => ({ command: ['sh', '-c', script, 'sh', ...args] });
const string = (name: string, more: object = {}) => ({ name, type: 'string', ...more });

/** Prints `running`, and runs until the file `go` exists. */
const WAIT = 'echo running; while [ -d "$1" ] && [ ! -e "$1/go" ]; do sleep 0.05; done; echo done';
const waiting = (folder: string, more: object = {}) => ({ ...shell(WAIT, folder), ...more });

/** Counts its starts in a file, and fails before the third one. */
const FLAKY =
  'echo x >> "$1/starts"; n=$(wc -l < "$1/starts"); echo "start $n"; [ "$n" -gt "$2" ] || { echo broken >&2; exit 3; }';
const flaky = (folder: string, failures: number, backoff: string) => ({
  ...shell(FLAKY, folder, String(failures)),
  idempotent: true,
  retry: { attempts: 3, backoff },
});
const textsOf = async (host: TestHost, id: TaskId) =>
  (await host.logOf(id)).filter(({ stream }) => stream !== 'stderr').map(({ text }) => text);

const untilRunning = (host: TestHost, id: TaskId) =>
  eventually(async () => (await host.logOf(id)).some(({ text }) => text === 'running'), {
    what: 'the first line of the task',
  });

/** Lists a task's run directories that are left in the system's folder for temporary files. */
async function leftOf(id: TaskId): Promise<string[]> {
  const names = await readdir(tmpdir());
  const folders = names.filter((name) => name.startsWith('booner-runs-'));
  const inFolders = await Promise.all(folders.map((name) => readdir(join(tmpdir(), name)).catch(() => [])));
  return [...names, ...inFolders.flat()].filter((name) => name.includes(id));
}

const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');

/** Zombies do not count: in a container their parent may never wait for them. */
function isAlive(pid: string): boolean {
  if (!existsSync(`/proc/${pid}`)) return false;
  return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

const seal = (params: object, publicKey: JWK, header: object = {}): Promise<string> =>
  sealText(JSON.stringify(params), publicKey, header);

async function sealText(text: string, publicKey: JWK, header: object): Promise<string> {
  const key = await importJWK(publicKey, 'ECDH-ES+A256KW');
  return new CompactEncrypt(new TextEncoder().encode(text))
    .setProtectedHeader({ alg: 'ECDH-ES+A256KW', enc: 'A256GCM', ...header })
    .encrypt(key);
}

describe('a task', () => {
  it('is claimed, run and ended, with progress, output and result', async () => {
    const script =
      'echo "::progress 40 Copying $1"; echo one; echo two >&2; printf \'{"to":"%s"}\' "$BOONER_PARAM_TO" > "$BOONER_RESULT_FILE"';
    const copy = { ...shell(script, '{{to}}'), parameters: [string('to', { required: true })] };
    await using host = await startTestHost({ actions: () => ({ copy }) });
    const id = await host.create('copy', { to: 'there' });
    const task = await host.untilEnded(id);
    expect(task).toMatchObject({ status: 'completed', error: null, result: { to: 'there' }, attempt: 1 });
    expect(task).toMatchObject({ progressPercent: 100, message: null, logLines: 2 });
    expect(await host.tasks.readEvents(START_CURSOR, 100)).toContainEqual(
      expect.objectContaining({
        kind: 'progress',
        task: expect.objectContaining({ progressPercent: 40, message: 'Copying there' }),
      }),
    );
    expect((await host.logOf(id)).map(({ stream, text }) => [stream, text]).sort()).toEqual([
      ['stderr', 'two'],
      ['stdout', 'one'],
    ]);
    await eventually(async () => (await leftOf(id)).length === 0, {
      what: 'the directory of the run to be removed',
    });
  });

  it('fails without a process when its action or its parameters are refused by the target', async () => {
    const touch = (directory: string) => ({
      command: ['touch', join(directory, 'touched'), '{{name}}'],
      parameters: [string('name', { required: true, pattern: '[a-z]+' })],
      cwd: directory,
    });
    await using host = await startTestHost({ actions: (directory) => ({ touch: touch(directory) }) });
    const unknown = await host.create('nothing');
    const hostile = await Promise.all(
      ['--flag', ';id', '$(id)', 'a\0b', 'a\nb', ''].map((name) => host.create('touch', { name })),
    );
    const absent = await host.create('touch', { nam: 'a' });
    expect((await host.untilEnded(unknown)).error).toBe('this host does not offer the action "nothing"');
    for (const id of hostile) {
      const { status, error } = await host.untilEnded(id);
      expect({ status, error }).toEqual({
        status: 'failed',
        error: expect.stringMatching(
          /^refused by the target: \/name: must|^refused by the target: \/name: holds/,
        ),
      });
    }
    expect((await host.untilEnded(absent)).error).toMatch(
      /\/nam: is not a parameter of this action.*\/name: is required/,
    );
    expect(existsSync(join(host.directory, 'touched'))).toBe(false);
    expect(await host.untilEnded(await host.create('touch', { name: 'a' }))).toMatchObject({
      status: 'completed',
    });
    expect(existsSync(join(host.directory, 'touched'))).toBe(true);
  });

  it('gets its secret parameters, which are never shown', async () => {
    const reveal = {
      ...shell('echo "the word is $BOONER_PARAM_WORD"; test "$BOONER_PARAM_WORD" = open-sesame'),
      parameters: [string('word', { secret: true, required: true }), string('other', { default: 'x' })],
    };
    await using host = await startTestHost({ actions: () => ({ reveal }) });
    const publicKey = (await host.presence())?.publicKey as JWK;
    const id = await host.create(
      'reveal',
      {},
      {
        sealedParams: await seal({ word: 'open-sesame' }, publicKey),
      },
    );
    expect(await host.untilEnded(id)).toMatchObject({ status: 'completed' });
    expect((await host.logOf(id)).map(({ text }) => text)).toEqual(['the word is [redacted]']);
    const ofIt = await seal({ word: 'open-sesame' }, publicKey, { action: 'reveal' });
    expect(await host.untilEnded(await host.create('reveal', {}, { sealedParams: ofIt }))).toMatchObject({
      status: 'completed',
    });

    const foreign = await exportJWK((await generateKeyPair('ECDH-ES+A256KW', { crv: 'X25519' })).publicKey);
    for (const sealed of [
      await seal({ word: 'open-sesame' }, foreign),
      'no.jwe',
      await seal(['a'], publicKey),
      await seal({ word: 'open-sesame' }, publicKey, { task: newTaskId() }),
      await seal({ word: 'open-sesame' }, publicKey, { action: 'deploy' }),
    ]) {
      const { status, error } = await host.untilEnded(
        await host.create('reveal', {}, { sealedParams: sealed }),
      );
      expect({ status, error }).toEqual({
        status: 'failed',
        error: expect.stringMatching(/^refused by the target: the secret parameters/),
      });
    }
  });

  it('gets the secrets of its action, with line breaks, and fails without a process if one is amiss', async () => {
    const pem = '-----BEGIN KEY-----\nMIIEvQIBADANBgkq\n-----END KEY-----\n';
    const script = 'touch "$1/ran"; printf "%s" "$BOONER_SECRET_DEPLOY_KEY"; echo "with $BOONER_SECRET_PIN"';
    await using host = await startTestHost({
      actions: (directory) => ({
        deploy: {
          ...shell(`${script}; test "$BOONER_SECRET_DEPLOY_KEY" = "$2"`, directory, pem.trimEnd()),
          secrets: ['deploy-key', 'pin'],
        },
      }),
    });
    const { publicKey, actions } = (await host.presence())!;
    expect(actions[0]?.secrets).toEqual(['deploy-key', 'pin']);
    const of = (name: string, text: string, header: object = {}, key: JWK = publicKey) =>
      sealText(text, key, { secret: name, host: HOST, ...header });
    const sealed = { 'deploy-key': await of('deploy-key', pem.trimEnd()), pin: await of('pin', '83-71') };
    const id = await host.create('deploy', {}, { sealedSecrets: sealed });
    expect(await host.untilEnded(id)).toMatchObject({ status: 'completed', error: null });
    expect((await host.logOf(id)).map(({ text }) => text)).toEqual([
      '[redacted]',
      '[redacted]',
      '[redacted]with [redacted]',
    ]);

    await rm(join(host.directory, 'ran'));
    const foreign = await exportJWK((await generateKeyPair('ECDH-ES+A256KW', { crv: 'X25519' })).publicKey);
    const amiss: [Record<string, string>, RegExp][] = [
      [{ 'deploy-key': sealed['deploy-key'] }, /: the secret pin is not set for 10\.0\.0\.2$/],
      [{ ...sealed, pin: await of('pin', 'x', {}, foreign) }, /secret pin cannot be opened.*another runner/],
      [{ ...sealed, pin: await of('deploy-key', 'x') }, /secret pin was sealed as another secret/],
      [{ ...sealed, pin: await of('pin', 'x', { host: '10.0.0.3' }) }, /or for another host$/],
      [{ ...sealed, pin: await of('pin', 'a\0b') }, /secret pin must not contain control characters$/],
    ];
    for (const [sealedSecrets, error] of amiss) {
      const ended = await host.untilEnded(await host.create('deploy', {}, { sealedSecrets }));
      expect({ ...ended }).toMatchObject({ status: 'failed', error: expect.stringMatching(error) });
    }
    expect(existsSync(join(host.directory, 'ran'))).toBe(false);
  });

  it('leaves artefacts behind, also when it fails', async () => {
    const large = 600_000; // three parts
    const script = `cd "$(dirname "$BOONER_RESULT_FILE")"; mkdir out; echo one > out/a.log; head -c ${large} /dev/zero > large; exit 3`;
    await using host = await startTestHost({
      actions: () => ({ build: { ...shell(script), artefacts: ['out/*.log', 'large', 'none'] } }),
    });
    const id = await host.create('build');
    const { status, artefacts } = await host.untilEnded(id);
    expect(status).toBe('failed');
    expect(artefacts).toEqual({
      files: [
        { name: 'out/a.log', bytes: 4, sha256: sha256('one\n') },
        { name: 'large', bytes: large, sha256: sha256(Buffer.alloc(large)) },
      ],
      missing: [{ name: 'none', reason: 'there is no such file' }],
    });
    const parts = await Promise.all([0, 1, 2, 3].map((index) => host.tasks.readArtefactPart(id, index)));
    expect(Buffer.concat(parts.slice(0, 3) as Buffer[])).toEqual(
      Buffer.concat([Buffer.from('one\n'), Buffer.alloc(large)]),
    );
    expect(parts[3]).toBeNull();
  });

  it('that waits for a lock holds back no other', async () => {
    await using host = await startTestHost({
      actions: (directory) => ({
        first: waiting(directory, { lock: 'one' }),
        second: { ...shell('true'), lock: 'one' },
        quick: shell('true'),
      }),
    });
    const first = await host.create('first');
    await untilRunning(host, first);
    const second = await host.create('second');
    expect(await host.untilEnded(await host.create('quick'))).toMatchObject({ status: 'completed' });
    expect(await host.tasks.read(second)).toMatchObject({ status: 'queued' });
    await eventually(async () => (await host.presence())?.running.join() === first, {
      what: 'a presence with what runs alone',
    });
    await host.release();
    expect(await host.untilEnded(first)).toMatchObject({ status: 'completed' });
    expect(await host.untilEnded(second)).toMatchObject({ status: 'completed' });
  });

  it('is cancelled when its processes are gone, also those that left its group and ignore TERM', async () => {
    const script = `trap '' TERM; setsid sh -c 'trap "" TERM; echo $$ > "$1/child"; while [ -d "$1" ]; do sleep 0.05; done' sh "$1" & echo running; wait; while [ -d "$1" ]; do sleep 0.05; done`;
    await using host = await startTestHost({
      actions: (directory) => ({ stubborn: shell(script, directory) }),
      policy: { graceMs: 300 },
    });
    const id = await host.create('stubborn');
    await untilRunning(host, id);
    const child = await eventually(() => readFile(join(host.directory, 'child'), 'utf8'), {
      what: 'the child',
    });
    expect(isAlive(child.trim())).toBe(true);
    expect(await host.tasks.cancel(id)).toEqual({ type: 'cancelling' });
    expect(await host.untilEnded(id)).toMatchObject({ status: 'cancelled', result: null });
    expect(isAlive(child.trim())).toBe(false);
    expect((await host.logOf(id)).filter(({ stream }) => stream === 'runner').length).toBeGreaterThan(0);
  });

  it('that was cancelled while it waited never starts', async () => {
    await using host = await startTestHost({
      actions: (directory) => ({ wait: waiting(directory) }),
      concurrency: 1,
    });
    const id = await host.create('wait');
    await untilRunning(host, id);
    const queued = await host.create('wait');
    expect(await host.tasks.cancel(queued)).toEqual({ type: 'cancelled' });
    expect(await host.tasks.cancel(id)).toEqual({ type: 'cancelling' });
    expect(await host.untilEnded(id)).toMatchObject({ status: 'cancelled' });
    expect(await host.untilEnded(await host.create('nothing'))).toMatchObject({ status: 'failed' });
    expect(await host.tasks.read(queued)).toMatchObject({ status: 'cancelled', attempt: 0 });
  });

  it('ends although the hub was unreachable when its end was reported', async () => {
    await using host = await startTestHost({ actions: (directory) => ({ wait: waiting(directory) }) });
    const id = await host.create('wait');
    await untilRunning(host, id);
    host.hub.isAway = true;
    await host.release();
    await eventually(() => host.said.some(({ msg }) => msg === 'task ended'), {
      what: 'the end at the runner',
    });
    expect(await host.tasks.read(id)).toMatchObject({ status: 'running' });
    host.hub.isAway = false;
    expect(await host.untilEnded(id)).toMatchObject({ status: 'completed', result: { details: 'done' } });
  });
});

describe('the presence', () => {
  it('offers the actions without their commands, and follows their files', async () => {
    const deploy = {
      description: 'Deploys',
      ...shell('true'),
      env: { KEY: 'hidden' },
      parameters: [string('token', { secret: true, required: true })],
      timeoutSeconds: 7,
    };
    await using host = await startTestHost({ actions: () => ({ deploy, broken: { comand: ['true'] } }) });
    const presence = await eventually(host.presence, { what: 'a presence' });
    expect(presence.actions).toEqual([
      {
        name: 'deploy',
        description: 'Deploys',
        timeoutSeconds: 7,
        parameters: [expect.objectContaining({ name: 'token', secret: true, required: true })],
      },
    ]);
    expect(JSON.stringify(presence)).not.toContain('hidden');
    const refusals = host.said.filter(({ msg }) => msg === 'action refused');
    expect(refusals.length).toBeGreaterThan(0);
    expect(refusals.every(({ file }) => String(file).endsWith('broken.yaml'))).toBe(true);

    await host.writeAction('broken', shell('true'));
    const names = async () =>
      (await host.presence())?.actions
        .map(({ name }) => name)
        .sort()
        .join();
    await eventually(async () => (await names()) === 'broken,deploy', { what: 'both' });
  });
});

describe('a runner that is stopped', () => {
  it('fails the runs of actions that say so, lets others finish, and starts nothing more', async () => {
    await using host = await startTestHost({
      actions: (directory) => ({
        fail: waiting(directory, { onStop: 'fail' }),
        finish: shell('echo running; sleep 1; echo done'),
      }),
      concurrency: 2,
    });
    const failing = await host.create('fail');
    const finishing = await host.create('finish');
    await Promise.all([untilRunning(host, failing), untilRunning(host, finishing)]);
    const waits = await host.create('finish');
    await host.stopRunner();
    expect(await host.tasks.read(failing)).toMatchObject({
      status: 'failed',
      error: 'the runner was stopped',
    });
    expect(await host.tasks.read(finishing)).toMatchObject({
      status: 'completed',
      result: { details: 'done' },
    });
    expect(await host.tasks.read(waits)).toMatchObject({ status: 'queued', attempt: 0 });
    expect(await host.presence()).toBeNull();
  });

  it('leaves an end that no hub confirmed to its next start', async () => {
    await using host = await startTestHost({
      actions: (directory) => ({ wait: waiting(directory, { onStop: 'fail' }) }),
      keepsState: true,
    });
    const id = await host.create('wait');
    await untilRunning(host, id);
    host.hub.isAway = true;
    await host.restartRunner();
    expect(await host.tasks.read(id)).toMatchObject({ status: 'running' });
    host.hub.isAway = false;
    expect(await host.untilEnded(id)).toMatchObject({
      status: 'failed',
      error: 'the runner was stopped',
      attempt: 1,
    });
  });
});

describe('the state directory', () => {
  it('belongs to one runner at a time, and to nobody else', async () => {
    await using host = await startTestHost({ actions: () => ({}), keepsState: true });
    await expect(host.start()).rejects.toMatchObject({
      code: 'state_locked',
      message: expect.stringContaining(`process ID ${process.pid}`),
    });
    const state = join(host.directory, 'state');
    // As root, other accounts run the actions, and pass through to their run directories.
    const isRoot = process.geteuid?.() === 0;
    expect((await stat(state)).mode & 0o777).toBe(isRoot ? 0o711 : 0o700);
    expect((await stat(join(state, 'runs'))).mode & 0o777).toBe(0o711);
    for (const file of (await readdir(state)).filter((name) => name !== 'runs')) {
      expect({ file, mode: (await stat(join(state, file))).mode & 0o777 }).toEqual({ file, mode: 0o600 });
    }
    const before = (await host.presence())?.instance ?? '';
    await host.restartRunner();
    const after = (await eventually(host.presence, { what: 'a presence' })).instance;
    expect(after).not.toBe(before);
    expect(after.split('.')[0]).toBe(before.split('.')[0]);
  });
});

it('passes the trace context on to the processes of a task, and nothing without one', async () => {
  const print = shell('printenv TRACEPARENT || echo none');
  await using host = await startTestHost({
    actions: () => ({
      print,
      steps: { steps: [{ name: 'print', command: print.command }], env: { TRACEPARENT: 'of the file' } },
    }),
  });
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const detailOf = async (action: string, more: object) =>
    (await host.untilEnded(await host.create(action, {}, more))).result;
  expect(await detailOf('print', { traceparent })).toEqual({ details: traceparent });
  expect(await detailOf('steps', { traceparent })).toEqual({ details: traceparent });
  expect(await detailOf('print', {})).toEqual({ details: 'none' });
});

describe('a task whose action is retried', () => {
  it('stays one task, with one log, and completes with a later attempt', async () => {
    await using host = await startTestHost({ actions: (folder) => ({ flaky: flaky(folder, 2, '0s') }) });
    const id = await host.create('flaky');
    const task = await host.untilEnded(id);
    expect(task).toMatchObject({ status: 'completed', attempt: 3, maxAttempts: 3, error: null });
    expect(await textsOf(host, id)).toEqual([
      'start 1',
      'attempt 1 of 3 failed: broken; the next one starts in 0 s',
      'attempt 2 of 3',
      'start 2',
      'attempt 2 of 3 failed: broken; the next one starts in 0 s',
      'attempt 3 of 3',
      'start 3',
    ]);
    expect(task.logLines).toBe(9);
  });

  it('fails with the last attempt', async () => {
    await using host = await startTestHost({ actions: (folder) => ({ flaky: flaky(folder, 9, '0s') }) });
    const id = await host.create('flaky');
    const ended = { status: 'failed', attempt: 3, error: 'broken', result: { exitCode: 3 } };
    expect(await host.untilEnded(id)).toMatchObject(ended);
  });

  it('is cancelled while it waits for its next attempt', async () => {
    await using host = await startTestHost({ actions: (folder) => ({ flaky: flaky(folder, 9, '1h') }) });
    const id = await host.create('flaky');
    const waits = await host.until(id, 'the wait', ({ message }) => message !== null);
    expect(waits).toMatchObject({
      status: 'running',
      message: expect.stringMatching(/^attempt 1 of 3 failed, the next one starts in \d{4} s$/),
    });
    await host.tasks.cancel(id);
    expect(await host.untilEnded(id)).toMatchObject({ status: 'cancelled', attempt: 1 });
    expect((await textsOf(host, id)).at(-1)).toBe('cancelling');
  });

  it('goes on after a restart of the runner during the wait', async () => {
    await using host = await startTestHost({
      actions: (folder) => ({ flaky: flaky(folder, 1, '1h') }),
      keepsState: true,
    });
    const id = await host.create('flaky');
    await host.until(id, 'the wait', ({ message }) => message !== null);
    await host.restartRunner();
    expect(await host.untilEnded(id)).toMatchObject({ status: 'completed', attempt: 2, maxAttempts: 3 });
    expect((await textsOf(host, id)).slice(1)).toEqual([
      expect.stringMatching(/^attempt 1 of 3 failed/),
      'the runner is stopping: the next attempt starts when it is back',
      'attempt 2 of 3',
      'start 2',
    ]);
  });
});
