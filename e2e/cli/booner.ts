import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MAIN = join(import.meta.dirname, '../../apps/cli/src/main.ts');
const DEADLINE_MS = 60_000;

type CommandEnd = {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
};

type RunningCommand = {
  readonly pid: number;
  /** Output so far. */
  stdout(): string;
  stderr(): string;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<CommandEnd>;
};

export type CommandOptions = {
  /** Written to stdin, which then ends. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Runs the command in a terminal of its own, with `script`. */
  readonly inTerminal?: boolean;
};

export type Booner = AsyncDisposable & {
  /** Its own configuration directory, initially empty. */
  readonly configDirectory: string;
  run(args: readonly string[], options?: CommandOptions): Promise<CommandEnd>;
  /** Returns the JSON of a command that must exit with `code`, by default 0. */
  json<T>(args: readonly string[], options?: CommandOptions & { readonly code?: number }): Promise<T>;
  start(args: readonly string[], options?: CommandOptions): RunningCommand & { write(text: string): void };
};

/** Runs the command line program for one hub, with a configuration of its own. */
export async function boonerFor(hubUrl: string | null): Promise<Booner> {
  const configDirectory = await mkdtemp(join(tmpdir(), 'booner-cli-'));
  const running = new Set<ReturnType<typeof spawn>>();
  const start: Booner['start'] = (args, { input, env = {}, inTerminal = false } = {}) => {
    const command = [process.execPath, MAIN, ...args];
    const [program = '', ...rest] = inTerminal
      ? ['script', '--quiet', '--flush', '--return', '--command', command.map(quoted).join(' '), '/dev/null']
      : command;
    const child = spawn(program, rest, {
      env: {
        ...withoutSettings(),
        LANG: 'C.UTF-8',
        TERM: 'xterm-256color',
        XDG_CONFIG_HOME: configDirectory,
        ...(hubUrl === null ? {} : { BOONER_HUB: hubUrl }),
        ...env,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    running.add(child);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.stdin.on('error', () => undefined); // it may exit before it reads
    if (!inTerminal) child.stdin.end(input ?? '');
    const timer = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS);
    const ended = new Promise<CommandEnd>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        clearTimeout(timer);
        running.delete(child);
        resolve({ code, stdout, stderr });
      });
    });
    return {
      pid: child.pid as number,
      stdout: () => stdout,
      stderr: () => stderr,
      kill: (signal) => void child.kill(signal),
      write: (text) => void child.stdin.write(text),
      ended,
    };
  };
  const run: Booner['run'] = (args, options) => start(args, options).ended;
  return {
    configDirectory,
    start,
    run,
    async json(args, { code = 0, ...options } = {}) {
      const end = await run([...args, '--json'], options);
      if (end.code !== code)
        throw new Error(`booner ${args.join(' ')} ended with ${end.code}: ${end.stderr}${end.stdout}`);
      return JSON.parse(end.stdout);
    },
    async [Symbol.asyncDispose]() {
      for (const child of running) child.kill('SIGKILL');
      await rm(configDirectory, { recursive: true, force: true });
    },
  };
}

/** Quotes a word for the shell that `script` starts. */
const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

function withoutSettings(): Record<string, string | undefined> {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(BOONER_|REDIS_|NO_COLOR|FORCE_COLOR|COLUMNS|CI$)/.test(name),
  );
  return Object.fromEntries(own);
}
