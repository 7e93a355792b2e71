import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually, startProcess } from '@booner/testkit';
import { makeFolder, type Said } from './installer.ts';

/** Answers as a systemd whose services work at once. */
const SYSTEMCTL = `#!/bin/sh
case "$*" in
  --version) echo 'systemd 252' ;;
  *ActiveState*) echo active ;;
  *StatusText*runner*) echo 'serving 10.0.0.2' ;;
  *StatusText*) echo 'publishing as 10.0.0.2' ;;
esac
`;
/** Runs a command as it is. Keeps its arguments, as the journal does. */
const SUDO = `#!/bin/sh
printf '%s\\n' "$*" >>/run/sudo.log
exec "$@"
`;

/** A host on which only the file system is its own. */
export type Host = AsyncDisposable & {
  /** Runs a line of shell there, in the home folder of root. */
  shell(line: string): Promise<Said>;
};

/**
 * Starts a host for the installer: a mount namespace of this machine, whose folders that the
 * installer writes to are in memory. `systemctl` and `sudo` are stand-ins. Needs root.
 */
export async function startHost(): Promise<Host> {
  await using stack = new AsyncDisposableStack();
  const { folder } = stack.use(await makeFolder());
  for (const [name, text] of Object.entries({ systemctl: SYSTEMCTL, sudo: SUDO })) {
    await mkdir(join(folder, 'bin'), { recursive: true });
    await writeFile(join(folder, 'bin', name), text);
    await chmod(join(folder, 'bin', name), 0o755);
  }
  const lines = [
    'set -e',
    'for folder in /opt /run /root /var/lib; do mount -t tmpfs none $folder; done',
    'mkdir -p /run/systemd/system /run/dbus',
    'touch /run/dbus/system_bus_socket',
    'cp -a /etc /run/etc',
    'mount --bind /run/etc /etc',
    'mkdir -p /etc/systemd/system',
    'touch /run/started',
    'exec sleep infinity',
  ];
  const args = ['--mount', '--propagation', 'private', 'sh', '-c', lines.join('\n')];
  const namespace = stack.use(await startProcess({ command: 'unshare', args }));
  const shell = async (line: string) => {
    const { pid } = namespace;
    const script = join(folder, 'line.sh'); // a file, since arguments are in ps
    await writeFile(script, `cd /root && ${line}`);
    await using child = await startProcess({
      command: 'nsenter',
      args: ['--mount', `--target=${pid}`, 'sh', script],
      env: { PATH: `${folder}/bin:${process.env.PATH}`, HOME: '/root' },
    });
    const { code } = await child.exited;
    return { code, stdout: child.lines.stdout.join('\n'), stderr: child.lines.stderr.join('\n') };
  };
  await eventually(async () => (await shell('test -e /run/started')).code === 0, { what: 'the host' });
  const owned = stack.move();
  return { shell, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
