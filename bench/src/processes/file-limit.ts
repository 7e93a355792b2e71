/** Sockets are files: room for 9,900 of them. A user without the right to raise the limit gets what the hard one leaves. */
const RAISE = 'ulimit -n 65536 2>/dev/null || ulimit -n "$(ulimit -Hn)"; exec "$0" "$@"';

/** The command, run with as many open files as can be had. The process is still its own: the shell gives way to it. */
export function withFileLimitRaised(command: string, args: readonly string[]) {
  return { command: '/bin/sh', args: ['-c', RAISE, command, ...args] };
}
