import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { spawnCommand } from '../process/spawn-command.ts';

/** System call number of `renameat2` (linux/unistd.h), for which Node.js has no function. */
const RENAMEAT2 = { x64: 316, arm64: 276 }[process.arch as 'x64' | 'arm64'];
/** Debian's `nobody` and `nogroup`. */
export const NOBODY = { name: 'nobody', uid: 65534, gid: 65534, home: '/', shell: '/bin/sh' };

/** File names in each raced folder; the attacked folder has the same ones. */
export const RACED_FILES = Array.from({ length: 20 }, (_, index) => `f${index}`);

/**
 * Fills the directory of its result file with folders of files and links to the target, prints
 * `ready`, and swaps each folder with a link (RENAME_EXCHANGE) until the directory is gone, for at
 * most 10 s. A deletion by paths can get into the target meanwhile.
 */
const SCRIPT = String.raw`
my ($target, $renameat2, $leave) = @ARGV;
($ENV{BOONER_RESULT_FILE} =~ m{(.*)/}) && chdir $1 or die "no directory: $!";
my @pairs = map { ["d$_", "l$_"] } 0 .. 3;
for my $pair (@pairs) {
  mkdir $pair->[0] or die;
  for (0 .. ${RACED_FILES.length - 1}) { open my $file, '>', "$pair->[0]/f$_" or die }
  symlink $target, $pair->[1] or die;
}
$| = 1;
if ($leave && fork) { print "ready\n"; exit 0 }
if ($leave) { require POSIX; POSIX::setsid(); close STDOUT; close STDERR } else { print "ready\n" }
my ($end, $here) = (time + 10, -100);
while (time < $end) {
  my $there = 0;
  for (1 .. 200) {
    for my $pair (@pairs) { $there = 1 if syscall($renameat2, $here, $pair->[0], $here, $pair->[1], 2) == 0 }
  }
  exit 0 unless $there;
}
`;

/** Returns the command of an action that completes and leaves the racer behind. */
export const leavingRacer = (target: string): string[] => ['perl', '-e', SCRIPT, target, `${RENAMEAT2}`, '1'];

/** Starts the racer in a directory of `nobody`. Returns when it is racing. */
export async function startRacer(directory: string, target: string): Promise<ChildProcess> {
  const spawned = await spawnCommand({
    argv: ['perl', '-e', SCRIPT, target, `${RENAMEAT2}`, ''],
    env: { PATH: '/usr/bin:/bin', BOONER_RESULT_FILE: `${directory}/result.json` },
    cwd: '/',
    switchTo: NOBODY,
  });
  if (!spawned.ok) throw new Error(spawned.reason);
  const { child } = spawned;
  const [first] = await Promise.race([once(child.stdout!, 'data'), once(child, 'exit')]);
  if (`${first}`.trim() !== 'ready') throw new Error('the racer did not start: perl is needed');
  return child;
}
