import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

const DEADLINE_MS = 60_000;
const SHOWN_CHARACTERS = 4000;

export type CommandOptions = {
  /** Default 30 s; the command is killed then. */
  readonly deadlineMs?: number;
  /** Written to stdin. Pass secrets here or in `env`, never among the arguments. */
  readonly input?: string;
  /** The whole environment. Default: this process's own. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Kills the command, with all processes of its group, when it aborts. */
  readonly signal?: AbortSignal;
};

export type CommandResult = { readonly code: number; readonly stdout: string; readonly stderr: string };

/**
 * Runs a command without a shell and waits for its end, whatever its status. Statuses are those of
 * a shell: 128 and more for a command that a signal ended, 127 for one that does not exist.
 */
export async function tryRun(
  [command, ...args]: readonly [string, ...string[]],
  { deadlineMs = DEADLINE_MS, input = '', env, cwd, signal: abort }: CommandOptions = {},
): Promise<CommandResult> {
  abort?.throwIfAborted();
  const child = spawn(command, args, {
    env: env ?? process.env,
    ...(cwd === undefined ? {} : { cwd }),
    timeout: deadlineMs,
    killSignal: 'SIGKILL',
    detached: abort !== undefined,
  });
  const killGroup = () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  };
  abort?.addEventListener('abort', killGroup);
  const end = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  child.stdin.on('error', () => {}); // it ended without reading all of it
  child.stdin.end(input);
  try {
    const [[code, signal], stdout, stderr] = await Promise.all([end, text(child.stdout), text(child.stderr)]);
    abort?.throwIfAborted();
    const killed = signal === null ? '' : `\nended by ${signal}, at most ${deadlineMs} ms after its start`;
    return { code: code ?? 128, stdout, stderr: stderr + killed };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { code: 127, stdout: '', stderr: `${command}: not found` };
  } finally {
    abort?.removeEventListener('abort', killGroup);
  }
}

/**
 * Runs a command and returns its output.
 * @throws Error with the command and the end of its output, if its status is not 0
 */
export async function run(
  argv: readonly [string, ...string[]],
  options: CommandOptions = {},
): Promise<string> {
  return outputOf(argv.join(' '), await tryRun(argv, options));
}

/** Returns the output of a command. Throws if it ended with an error. */
export function outputOf(what: string, { code, stdout, stderr }: CommandResult): string {
  if (code === 0) return stdout;
  const said = `${stdout}\n${stderr}`.trim().slice(-SHOWN_CHARACTERS);
  throw new Error(`\`${what}\` failed (status ${code}); it said:\n${said}`);
}
