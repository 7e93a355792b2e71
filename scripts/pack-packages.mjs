// Builds the published packages: JavaScript, declarations and what npm shows. Writes each to
// `packages/<name>/dist` and its tarball to `dist/npm`. If a folder is given, writes to
// `<folder>/<name>` and `<folder>`. Both are ready for `npm publish`.
import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';

const PACKAGES = ['protocol', 'client', 'react'];
const SCOPE = '@booner/';
/** Fields of the repository's package.json that each package gets, if they exist. */
const SHARED_FIELDS = ['author', 'homepage', 'bugs', 'repository'];

const root = join(import.meta.dirname, '..');
const folder = process.argv[2];
const tarballs = folder ? resolve(folder) : join(root, 'dist/npm');
const destinationOf = (name) => (folder ? resolve(folder, name) : join(root, 'packages', name, 'dist'));

const readManifest = async (path) => JSON.parse(await readFile(join(root, path, 'package.json'), 'utf8'));
const shared = await readManifest('.');
const manifests = new Map();
for (const name of PACKAGES) manifests.set(name, await readManifest(`packages/${name}`));
const staging = await mkdtemp(join(tmpdir(), 'booner-pack-'));
try {
  await compile(staging);
  for (const [name, manifest] of manifests) await assemble(name, manifest);
  await pack();
} finally {
  await rm(staging, { recursive: true });
}

/**
 * Compiles all packages as one program. It starts from their exports, so that tests and what only
 * tests use are left out. Source maps are not needed: the output is the source without types.
 */
async function compile(outDir) {
  const files = [...manifests].flatMap(([name, { exports }]) =>
    Object.values(exports).map((path) => join(root, 'packages', name, path)),
  );
  const config = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      target: 'es2022',
      allowImportingTsExtensions: false,
      rewriteRelativeImportExtensions: true,
      rootDir: join(root, 'packages'),
      outDir,
      typeRoots: [join(root, 'node_modules/@types')],
    },
    files,
    include: [],
    exclude: [],
  };
  const configFile = join(outDir, 'tsconfig.json');
  await writeFile(configFile, JSON.stringify(config));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { status, error } = spawnSync(process.execPath, [tsc, '-p', configFile], { stdio: 'inherit' });
  if (status === 0) return;
  throw new Error(`tsc ended with status ${status}`, { cause: error });
}

async function assemble(name, manifest) {
  const source = join(root, 'packages', name);
  const destination = destinationOf(name);
  await rm(destination, { recursive: true, force: true });
  await mkdir(destination, { recursive: true });
  await cp(join(staging, name, 'src'), destination, { recursive: true });
  await nameDeclarations(destination);
  await cp(join(source, 'README.md'), join(destination, 'README.md'));
  await cp(join(root, 'LICENSE'), join(destination, 'LICENSE'));
  await writeFile(
    join(destination, 'package.json'),
    `${JSON.stringify(publishedManifest(manifest), null, 2)}\n`,
  );
}

async function pack() {
  if (!folder) await rm(tarballs, { recursive: true, force: true }); // those of other versions
  await mkdir(tarballs, { recursive: true });
  const folders = PACKAGES.map(destinationOf);
  const args = ['pack', '--ignore-scripts', '--silent', '--pack-destination', tarballs, ...folders];
  const { status, stdout, error } = spawnSync('npm', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm pack ended with status ${status}`, { cause: error });
  for (const file of stdout.trim().split('\n')) process.stdout.write(`${join(tarballs, file)}\n`);
}

/** Rewrites `./x.ts` in declarations to `./x.js`. tsc only rewrites specifiers in JavaScript. */
async function nameDeclarations(destination) {
  for (const path of await readdir(destination, { recursive: true })) {
    if (!path.endsWith('.d.ts')) continue;
    const file = join(destination, path);
    const text = await readFile(file, 'utf8');
    await writeFile(
      file,
      text.replaceAll(/((?:from |import\(|import )['"]\.[^'"]*)\.tsx?(?=['"])/g, '$1.js'),
    );
  }
}

function publishedManifest({
  private: _private,
  scripts: _scripts,
  devDependencies: _development,
  exports,
  dependencies = {},
  ...manifest
}) {
  return {
    ...manifest,
    ...sharedFields(manifest.name),
    files: ['**/*.js', '**/*.d.ts'],
    exports: {
      ...Object.fromEntries(Object.entries(exports).map(([entry, path]) => [entry, publishedEntry(path)])),
      './package.json': './package.json',
    },
    dependencies: Object.fromEntries(
      Object.entries(dependencies).map(([name, version]) => [name, publishedRange(name, version)]),
    ),
  };
}

/** Returns what the repository says about itself, with the folder of the package in it. */
function sharedFields(name) {
  const fields = SHARED_FIELDS.filter((field) => shared[field] !== undefined);
  const { repository, ...others } = Object.fromEntries(fields.map((field) => [field, shared[field]]));
  if (repository === undefined) return others;
  const directory = `packages/${name.slice(SCOPE.length)}`;
  return { ...others, repository: { type: 'git', url: repository.url ?? repository, directory } };
}

function publishedEntry(path) {
  const base = path.replace(/^\.\/src\//, './').replace(/\.ts$/, '');
  return { types: `${base}.d.ts`, default: `${base}.js` };
}

/**
 * Requires the exact version of packages of the same release. Other dependencies get a range, so
 * that an application installs each only once.
 */
function publishedRange(name, version) {
  return name.startsWith(SCOPE) ? version : `^${version}`;
}
