import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProcess } from '@booner/testkit';

export const INSTALLER = join(import.meta.dirname, '../../deploy/install.sh');

export type Said = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Runs a shell script with arguments, and returns its output. */
export async function runScript(script: string, args: readonly string[]): Promise<Said> {
  await using child = await startProcess({ command: 'sh', args: [script, ...args] });
  const { code } = await child.exited;
  return { code, stdout: child.lines.stdout.join('\n'), stderr: child.lines.stderr.join('\n') };
}

/** A folder of the test's own. */
export async function makeFolder(): Promise<AsyncDisposable & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'booner-installer-'));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

/**
 * Runs the installer of a version as on a host with systemd. What it writes to /opt and /run is in
 * memory, and gone at its end. Needs root.
 */
export async function runAsOnHost(
  version: string,
  args: readonly string[],
  { hasDbus = true } = {},
): Promise<Said> {
  await using scratch = await makeFolder();
  const script = join(scratch.folder, 'install.sh');
  const outer = join(scratch.folder, 'outer.sh');
  await writeFile(script, (await readFile(INSTALLER, 'utf8')).replace('@VERSION@', version));
  const lines = [
    'set -e',
    'for folder in /opt /run; do mount -t tmpfs none $folder; done',
    'mkdir -p /run/systemd/system /run/dbus',
    ...(hasDbus ? ['touch /run/dbus/system_bus_socket'] : []),
    'exec sh "$@"',
  ];
  await writeFile(outer, `exec unshare --mount --propagation private sh -c '${lines.join('; ')}' sh "$@"\n`);
  await chmod(outer, 0o755);
  return await runScript(outer, [script, ...args]); // the folder goes at the end of this
}
