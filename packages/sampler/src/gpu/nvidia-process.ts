import { type ChildProcess, spawn } from 'node:child_process';
import { createLineCutter } from './lines.ts';

export type NvidiaProcessOptions = {
  readonly command: string;
  readonly args: readonly string[];
  /**
   * Receives each line of its output. MUST call `answered` if the line shows that the process
   * works.
   */
  readonly onLine: (line: string, answered: () => void) => void;
  /** Time limit for the first answer: without persistence mode the driver first wakes each GPU. */
  readonly firstAnswerMs: number;
  /** Time limit for each further answer. */
  readonly silenceMs: number;
};

/** Time limit for output after the end of the process, if another process holds the pipe. */
const DRAIN_MS = 1000;

/**
 * Runs `nvidia-smi` until it ends, falls silent, or the signal aborts; in the latter cases it is
 * killed. Never rejects. Resolves only when the process is gone, so that a second one never starts
 * beside one that the driver holds.
 * @returns the reason why it ended, as text
 */
export function runNvidiaProcess(options: NvidiaProcessOptions, signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    const child: ChildProcess = spawn(options.command, options.args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    let reason: string | null = null;
    const kill = (why: string) => {
      reason ??= why;
      child.kill('SIGKILL'); // it has nothing to shut down
    };
    const onAbort = () => kill('stopped');
    signal.addEventListener('abort', onAbort);

    const onSilence = (ms: number) => kill(`nvidia-smi has said nothing for ${Math.round(ms / 1000)} s`);
    let silence = setTimeout(onSilence, options.firstAnswerMs, options.firstAnswerMs);
    const answered = () => {
      clearTimeout(silence);
      silence = setTimeout(onSilence, options.silenceMs, options.silenceMs);
    };
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on(
        'data',
        createLineCutter((line) => options.onLine(line, answered)),
      );
    }

    const end = (why: string) => {
      clearTimeout(silence);
      signal.removeEventListener('abort', onAbort);
      resolve(reason ?? why);
    };
    child.once('error', (error: NodeJS.ErrnoException) => {
      // An error of `kill` on a running process is emitted here too; its `close` follows.
      if (child.pid === undefined) end(spawnFailure(options.command, error));
    });
    child.once('exit', () => {
      const drained = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, DRAIN_MS);
      child.once('close', () => clearTimeout(drained));
    });
    child.once('close', (code, killedBy) =>
      end(`nvidia-smi ended (${killedBy === null ? `exit code ${code}` : killedBy})`),
    );
    if (signal.aborted) onAbort();
  });
}

function spawnFailure(command: string, error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return `${command} was not found, although there is an NVIDIA GPU or driver`;
  return `${command} could not be started: ${error.message}`;
}
