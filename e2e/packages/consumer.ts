import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type RunningProcess, startProcess } from '@booner/testkit';

const ROOT = join(import.meta.dirname, '../..');
export const BIN = join(ROOT, 'node_modules/.bin');
/** Dependencies that an application adds to the packages. */
const OWN_DEPENDENCIES = ['react-dom', '@types/node', '@types/react', '@types/react-dom'];

export const PUBLISHED = ['protocol', 'client', 'react'] as const;
export type Published = (typeof PUBLISHED)[number];

export type Consumer = AsyncDisposable & {
  /** Its folder, outside of the repository. */
  readonly folder: string;
  /** The folder that a package is installed in. */
  installed(name: Published): string;
  tarball(name: Published): string;
  write(path: string, text: string): Promise<void>;
  /** Compiles the files of one of its folders in place. Throws with the output of tsc. */
  compile(path: string, compilerOptions: object): Promise<void>;
  /** Starts plain Node.js with one of its files. */
  start(path: string, ...args: string[]): Promise<RunningProcess>;
};

/**
 * Creates an application outside the repository, into which npm has installed the packages from
 * their tarballs, without a network.
 */
export async function createConsumer(): Promise<Consumer> {
  await using creating = new AsyncDisposableStack();
  const bench = await mkdtemp(join(tmpdir(), 'booner-consumer-'));
  creating.defer(() => rm(bench, { recursive: true }));
  const [packed, tarballs, folder] = [join(bench, 'packed'), join(bench, 'tarballs'), join(bench, 'app')];
  await Promise.all([packed, tarballs, folder].map((path) => mkdir(path)));
  const npm = (cwd: string, ...args: string[]) =>
    run('npm', [...args, '--ignore-scripts', '--offline', '--silent', '--cache', join(bench, 'cache')], cwd);

  await run(process.execPath, [join(ROOT, 'scripts/pack-packages.mjs'), packed], ROOT);
  const dependencies = await dependenciesOf(PUBLISHED.map((name) => join(packed, name)));
  await npm(bench, 'pack', '--pack-destination', tarballs, ...dependencies);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module', private: true }));
  const files = [...(await tarballsIn(packed)), ...(await tarballsIn(tarballs))];
  await npm(folder, 'install', '--strict-peer-deps', ...files);

  const stack = creating.move();
  return {
    folder,
    installed: (name) => join(folder, 'node_modules/@booner', name),
    tarball: (name) => files.find((file) => basename(file).startsWith(`booner-${name}-`)) as string,
    async write(path, text) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    },
    async compile(path, compilerOptions) {
      const strict = { strict: true, skipLibCheck: false, target: 'es2022', types: [], ...compilerOptions };
      const config = JSON.stringify({ compilerOptions: strict });
      await writeFile(join(folder, path, 'tsconfig.json'), config);
      await run(join(BIN, 'tsc'), ['-p', path], folder);
    },
    start: (path, ...args) =>
      startProcess({ command: process.execPath, args: [join(folder, path), ...args], cwd: folder }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const tarballsIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((file) => file.endsWith('.tgz')).map((file) => join(folder, file));

/** Rejects with its output unless it exits with 0. */
export async function run(command: string, args: readonly string[], cwd: string): Promise<void> {
  await using child = await startProcess({ command, args, cwd });
  const { code } = await child.exited;
  if (code === 0) return;
  const output = [...child.lines.stdout, ...child.lines.stderr].join('\n');
  throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output}`);
}

/** Folders of every dependency of the packages, as this repository has them installed. */
async function dependenciesOf(folders: readonly string[]): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const visit = async (name: string, from: string) => {
    const manifestFile = findPackageJSON(name, join(from, 'package.json'));
    if (manifestFile === undefined) throw new Error(`${name} is not installed`);
    const folder = dirname(manifestFile);
    if (found.has(folder)) return;
    found.add(folder);
    for (const each of await namesOf(folder)) await visit(each, folder);
  };
  for (const folder of folders) {
    // Dependencies are installed beside the sources of the packages.
    const source = join(ROOT, 'packages', basename(folder));
    for (const name of await namesOf(folder)) if (!name.startsWith('@booner/')) await visit(name, source);
  }
  for (const name of OWN_DEPENDENCIES) await visit(name, join(ROOT, 'packages/react'));
  return found;
}

async function namesOf(folder: string): Promise<readonly string[]> {
  const { dependencies, peerDependencies } = await readManifest(folder);
  return Object.keys({ ...dependencies, ...peerDependencies });
}

export type Manifest = {
  readonly name: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
};

export async function readManifest(folder: string): Promise<Manifest> {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) throw new Error(`${folder} holds no package`);
  return JSON.parse(await readFile(file, 'utf8')) as Manifest;
}
