import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { eventually } from '@booner/testkit';
import { serveLauncher } from '../launch/serve-launcher.ts';
import { directLauncher } from '../process/launcher.ts';
import { createLocalActions } from '../run/local-actions.ts';

type Message = { readonly type: string; readonly [field: string]: unknown };

/**
 * A launcher in this process that listens on a real socket and starts plain processes, with these
 * action files.
 */
export async function startTestLauncher(actions: Readonly<Record<string, object>>) {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'booner-launcher-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const actionsDirectory = join(directory, 'actions.d');
  await mkdir(actionsDirectory);
  /** JSON is YAML. */
  const writeAction = (name: string, action: object) =>
    writeFile(join(actionsDirectory, `${name}.yaml`), JSON.stringify({ name, ...action }));
  for (const [name, action] of Object.entries(actions)) await writeAction(name, action);
  const said: string[] = [];
  const say = (_fields: object | string, msg?: string) => void said.push(msg ?? String(_fields));
  const logger = { info: say, warn: say, error: say };
  const local = stack.use(
    createLocalActions({
      directory: actionsDirectory,
      trusted: true,
      runs: { kept: [join(directory, 'runs')], temporaryIn: [] },
      policy: { launcher: directLauncher, graceMs: 500 },
      logger,
    }),
  );
  const server = createServer();
  const failures: unknown[] = [];
  stack.use(
    serveLauncher({
      server,
      actions: local,
      graceMs: 500,
      logger,
      onFailure: (error) => void failures.push(error),
    }),
  );
  const path = join(directory, 'socket');
  server.listen(path);
  await once(server, 'listening');
  const owned = stack.move();
  return {
    directory,
    path,
    said,
    failures,
    writeAction,
    connect: () => startRawClient(path),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** A client of the launcher's socket that sends whatever it is told to, as an attacker would. */
async function startRawClient(path: string) {
  const socket = connect(path);
  await once(socket, 'connect');
  socket.on('error', () => {});
  const received: Message[] = [];
  createInterface({ input: socket })
    .on('line', (line) => received.push(JSON.parse(line) as Message))
    .on('error', () => {}); // it repeats those of the socket
  // Unlike `once` of node:events, this is not rejected by an error before the close.
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const until = (what: string, condition: (message: Message) => boolean): Promise<Message> =>
    eventually(() => received.find(condition) ?? null, { deadlineMs: 20_000, what });
  return {
    received,
    closed,
    sendText: (text: string) => void socket.write(text),
    send: (message: object) => void socket.write(`${JSON.stringify(message)}\n`),
    until,
    untilType: (type: string) => until(`a message ${type}`, (message) => message.type === type),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    [Symbol.asyncDispose]: async () => {
      socket.destroy();
      await closed;
    },
  };
}
