import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { arch, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type RunningProcess, startProcess } from '@booner/testkit';
import { extract } from 'tar';

const ROOT = join(import.meta.dirname, '../..');
export const ARCHITECTURE = arch() === 'arm64' ? 'arm64' : 'x64';

/** Makes packages for this machine's architecture in a folder. `input` is written to stdin. */
export async function makePackages(
  out: string,
  kinds: string,
  { args = [], input = '' }: { readonly args?: readonly string[]; readonly input?: string } = {},
): Promise<void> {
  const program = join(ROOT, 'scripts/package/main.mjs');
  const all = [program, '--arch', ARCHITECTURE, '--kind', kinds, '--out', out, ...args];
  const making = promisify(execFile)(process.execPath, all, { cwd: ROOT });
  making.child.stdin?.end(input);
  await making;
}

/** An unpacked package on a host where nothing else is installed. */
export type Unpacked = AsyncDisposable & {
  readonly folder: string;
  /** Starts one of its programs with its launcher, in an environment of its own. */
  start(
    program: string,
    env: Readonly<Record<string, string>>,
    args?: readonly string[],
  ): Promise<RunningProcess>;
};

/** Unpacks the package of a kind. The hub's gets what the installer puts beside host packages. */
export async function unpack(packages: string, kind: 'host' | 'hub'): Promise<Unpacked> {
  const bench = await mkdtemp(join(tmpdir(), 'booner-unpacked-'));
  const folder = join(bench, 'package');
  await mkdir(folder);
  const file = (await readdir(packages)).find((name) => name.startsWith(`booner-${kind}-`)) as string;
  await extract({ file: join(packages, file), cwd: folder, strip: 1 });
  if (kind === 'hub') {
    for (const name of ['install.sh', 'SHA256SUMS', 'SHA256SUMS.sig']) {
      await cp(join(packages, name), join(folder, 'packages', name));
    }
  }
  const nothing = Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined]));
  return {
    folder,
    start: (program, env, args = []) =>
      startProcess({
        command: join(folder, 'bin', program),
        args,
        env: { ...nothing, PATH: '/usr/bin:/bin', ...env },
        cwd: '/',
      }),
    [Symbol.asyncDispose]: () => rm(bench, { recursive: true }),
  };
}
