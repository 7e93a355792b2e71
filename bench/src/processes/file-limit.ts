/**
 * Sockets are files: room for 9,900 of them. A user without the right to raise the limit gets what
 * the hard limit allows.
 */
const RAISE = 'ulimit -n 65536 2>/dev/null || ulimit -n "$(ulimit -Hn)"; exec "$0" "$@"';

/**
 * Wraps a command so that it runs with as many open files as possible. The shell replaces itself
 * with the command, so the process id stays.
 */
export function withFileLimitRaised(command: string, args: readonly string[]) {
  return { command: '/bin/sh', args: ['-c', RAISE, command, ...args] };
}
