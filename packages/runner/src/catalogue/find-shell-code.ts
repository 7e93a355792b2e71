import { basename } from 'node:path';

const SHELLS = new Set([
  ...['sh', 'ash', 'bash', 'dash', 'ksh', 'mksh', 'rbash', 'yash', 'zsh', 'fish', 'csh', 'tcsh'],
]);
/** Options of shells, besides those that end in `o` or `O`, whose value is the next argument. */
const SHELL_OPTIONS_WITH_VALUE = new Set(['--rcfile', '--init-file']);
/** Programs that pass the value of `-c` or `--command` to a shell. */
const SHELL_CALLERS = new Set(['su', 'runuser', 'script', 'sg']);
const REMOTE_SHELLS = new Set(['ssh', 'slogin', 'autossh', 'rsh']);
/** Options of ssh(1) that take a value, in the same argument or in the next one. */
const SSH_OPTION_WITH_VALUE = /^-[1246AaCfGgKkMNnqsTtVvXxYy]*[BbcDEeFIiJLlmOopPQRSWw]/;
/** Options of ssh_config(5) whose value a shell of this host runs. */
const SSH_COMMAND_OPTION = /^(-[a-zA-Z]*o)?\s*(ProxyCommand|LocalCommand|KnownHostsCommand)\b/i;
/** A group of short options with `c` in it, such as `-lc`. */
const HAS_C = /^-[a-zA-Z]*c[a-zA-Z]*$/;

/** The shell that runs an argument: one of this host, or of the host that `ssh` connects to. */
export type ShellPlace = 'here' | 'remote';

/**
 * Finds the arguments of a command that a shell runs as code, also when a program in front of it
 * starts the shell: `env sh -c`, `sudo -u game bash -lc`, `nsenter … sh -c`, `xargs sh -c`.
 * @returns the indexes of the arguments
 */
export function findShellCode(command: readonly string[]): ReadonlyMap<number, ShellPlace> {
  const found = new Map<number, ShellPlace>();
  const add = (place: ShellPlace, indexes: readonly number[]) => {
    for (const index of indexes) found.set(index, place);
  };
  for (const [index, element] of command.entries()) {
    const program = basename(element);
    if (SHELLS.has(program)) add('here', codeOfShell(command, index + 1));
    if (SHELL_CALLERS.has(program)) add('here', codeOfCaller(command, index));
    if (program === 'flock') add('here', codeOfFlock(command, index + 1));
    if (REMOTE_SHELLS.has(program)) add('remote', codeOfRemoteShell(command, index + 1));
  }
  return found;
}

/** The first argument after the options of a shell, if they contain `-c` or `--command`. */
function codeOfShell(command: readonly string[], start: number): readonly number[] {
  let hasCode = false;
  let at = start;
  for (; at < command.length; at += 1) {
    const option = command[at]!;
    if (option.startsWith('--command=')) return [at];
    if (option === '--' || option === '-') {
      at += 1;
      break;
    }
    if (!/^[-+]./.test(option)) break;
    hasCode ||= HAS_C.test(option) || option === '--command';
    const takesNext = /^[-+][a-zA-Z]*[oO]$/.test(option) || SHELL_OPTIONS_WITH_VALUE.has(option);
    if (takesNext) at += 1;
  }
  return hasCode ? [at] : [];
}

/** The values of `-c`, which may follow a user: `su game -c CODE`. `runuser -u` calls no shell. */
function codeOfCaller(command: readonly string[], index: number): readonly number[] {
  const rest = command.slice(index + 1);
  const isDirect = rest.some((option) => /^(-u|--user\b)/.test(option));
  if (basename(command[index]!) === 'runuser' && isDirect) return [];
  return rest.flatMap((option, offset) => {
    const at = index + 1 + offset;
    if (/^--(session-)?command$/.test(option) || /^-[a-zA-Z]*c$/.test(option)) return [at + 1];
    return /^--(session-)?command=/.test(option) || /^-c./.test(option) ? [at] : [];
  });
}

/** `flock [options] FILE -c CODE`. In `flock FILE PROGRAM -c VALUE`, `-c` is the program's. */
function codeOfFlock(command: readonly string[], start: number): readonly number[] {
  const at = command.findIndex((option, index) => index >= start && /^(-c|--command)$/.test(option));
  const before = command.slice(start, Math.max(start, at)).filter((option) => /^[^-]/.test(option));
  // A number before the file is the value of `-w` or `-E`.
  const positional = before.filter((value, index) => index === before.length - 1 || !/^[\d.]+$/.test(value));
  return at === -1 || positional.length > 1 ? [] : [at + 1];
}

/** Everything after the host: ssh joins it into one line for the shell of the other host. */
function codeOfRemoteShell(command: readonly string[], start: number): readonly number[] {
  const code: number[] = [];
  let host: string | null = null;
  for (let at = start; at < command.length; at += 1) {
    const element = command[at]!;
    if (element.startsWith('-') && element !== '--') {
      const option = SSH_OPTION_WITH_VALUE.exec(element)?.[0];
      const valueAt = option === element ? at + 1 : at;
      if (SSH_COMMAND_OPTION.test(command[valueAt] ?? '')) code.push(valueAt);
      at = option === undefined ? at : valueAt;
    } else if (host === null) {
      if (element !== '--') host = element;
    } else {
      return [...code, ...range(at, command.length)];
    }
  }
  return code;
}

const range = (start: number, end: number): number[] =>
  Array.from({ length: end - start }, (_, index) => start + index);
