import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { arch, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningProcess, startProcess } from '@booner/testkit';
import { extract } from 'tar';
import { run } from './consumer.ts';

const ROOT = join(import.meta.dirname, '../..');
export const ARCHITECTURE = arch() === 'arm64' ? 'arm64' : 'x64';

/** Makes packages for this machine's architecture in a folder. */
export async function makePackages(out: string, kinds: string): Promise<void> {
  const program = join(ROOT, 'scripts/package/main.mjs');
  const args = [program, '--arch', ARCHITECTURE, '--kind', kinds, '--out', out];
  await run(process.execPath, args, ROOT);
}

/** An unpacked package on a host where nothing else is installed. */
export type Unpacked = AsyncDisposable & {
  readonly folder: string;
  /** Starts one of its programs with its launcher, in an environment of its own. */
  start(program: string, env: Readonly<Record<string, string>>): Promise<RunningProcess>;
};

/** Unpacks the package of a kind. */
export async function unpack(packages: string, kind: 'host' | 'hub'): Promise<Unpacked> {
  const bench = await mkdtemp(join(tmpdir(), 'booner-unpacked-'));
  const folder = join(bench, 'package');
  await mkdir(folder);
  const file = (await readdir(packages)).find((name) => name.startsWith(`booner-${kind}-`)) as string;
  await extract({ file: join(packages, file), cwd: folder, strip: 1 });
  const nothing = Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined]));
  return {
    folder,
    start: (program, env) =>
      startProcess({
        command: join(folder, 'bin', program),
        env: { ...nothing, PATH: '/usr/bin:/bin', ...env },
        cwd: '/',
      }),
    [Symbol.asyncDispose]: () => rm(bench, { recursive: true }),
  };
}
