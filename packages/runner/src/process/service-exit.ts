import { execFile } from 'node:child_process';
import { constants } from 'node:os';
import { promisify } from 'node:util';
import type { Exit } from './outcome-of-exit.ts';

const TIMEOUT_MS = 10_000;
const PROPERTIES = ['LoadState', 'Result', 'ExecMainCode', 'ExecMainStatus'];
/** `si_code` of sigaction(2). */
const CLD_EXITED = 1;
/** A shell exits with 128 and the number of the signal that ended its command. */
const KILLED_IN_SHELL = 128 + constants.signals.SIGKILL;

/** Exit codes with which systemd ends before the command starts; see systemd.exec(5). */
const SETUP_FAILURES: Readonly<Record<number, string>> = {
  200: 'systemd exits with it if the working directory cannot be entered',
  203: 'systemd exits with it if the program cannot be executed',
  226: 'systemd exits with it if the sandbox cannot be set up',
};

/**
 * Reads how the command of a failed service ended, and lets systemd forget the service.
 * @param exit of `systemd-run`, which does not say which signal ended the command
 * @returns `exit` itself if systemd knows nothing: then the service was never started
 */
export async function readServiceExit(
  exit: Exit,
  options: { readonly systemctl: string; readonly unit: string; readonly memoryMax: string | null },
): Promise<Exit> {
  const { systemctl, unit, memoryMax } = options;
  const run = (...args: string[]) =>
    promisify(execFile)(systemctl, args, { timeout: TIMEOUT_MS }).then(
      ({ stdout }) => stdout,
      () => '',
    );
  const text = await run('show', ...PROPERTIES.map((name) => `--property=${name}`), '--', unit);
  await run('reset-failed', '--', unit);
  return parseServiceExit(text, memoryMax) ?? exit;
}

/**
 * Parses the output of `systemctl show`.
 * @returns `null` if no command of the service was started, or it ended well
 */
export function parseServiceExit(text: string, memoryMax: string | null): Exit | null {
  const values = new Map(text.split('\n').map((line) => line.split('=', 2) as [string, string]));
  const mainCode = Number(values.get('ExecMainCode') ?? 0);
  const status = Number(values.get('ExecMainStatus') ?? 0);
  if (values.get('LoadState') !== 'loaded' || mainCode === 0) return null;
  const limit = memoryMax === null ? 'the memory of the host' : `its memory limit of ${memoryMax}`;
  const isOutOfMemory = values.get('Result') === 'oom-kill';
  if (mainCode === CLD_EXITED) {
    if (status === 0) return null;
    const isKilled = status === KILLED_IN_SHELL && memoryMax !== null;
    const remark = isOutOfMemory
      ? `it exceeded ${limit}`
      : isKilled
        ? `probably because it exceeded ${limit}`
        : SETUP_FAILURES[status];
    return { code: status, signal: null, ...(remark !== undefined && { remark }) };
  }
  const signal = nameOfSignal(status);
  if (isOutOfMemory) return { code: null, signal, remark: `it exceeded ${limit}` };
  // Version 1 of control groups does not tell systemd why the kernel ended a process.
  if (signal === 'SIGKILL' && memoryMax !== null)
    return { code: null, signal, remark: `probably because it exceeded ${limit}` };
  return { code: null, signal };
}

function nameOfSignal(number: number): NodeJS.Signals {
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return (found?.[0] ?? `signal ${number}`) as NodeJS.Signals;
}
