import { access, copyFile, mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { run, tryRun } from '../hosts/command.ts';

/** Built where none is installed: Debian 12 has no Compose 2. */
const VERSION = '2.40.3';
const MODULE = 'github.com/docker/compose/v2';
const BUILD_DEADLINE_MS = 1_800_000;

/**
 * Puts Compose into a folder of Docker's client configuration, unless Docker finds it anyway: the
 * user's own plugin, or one that is built with Go and kept in the cache.
 * @param scratch folder on the same file system as the cache
 */
export async function addComposePlugin(
  configFolder: string,
  { cache, scratch, signal }: { readonly cache: string; readonly scratch: string; signal: AbortSignal },
): Promise<void> {
  const plugins = join(configFolder, 'cli-plugins');
  await mkdir(plugins, { recursive: true });
  const env = { ...process.env, DOCKER_CONFIG: configFolder };
  if ((await tryRun(['docker', 'compose', 'version'], { env })).code === 0) return;
  const own = join(homedir(), '.docker/cli-plugins/docker-compose');
  const built = join(cache, `docker-compose-${VERSION}`);
  const plugin = (await exists(own)) ? own : built;
  if (plugin === built && !(await exists(built))) await build(built, { scratch, signal });
  await symlink(plugin, join(plugins, 'docker-compose'));
}

/** `go install` cannot, because Compose's go.mod excludes versions. */
async function build(file: string, { scratch, signal }: { scratch: string; signal: AbortSignal }) {
  if ((await tryRun(['go', 'version'])).code !== 0) {
    throw new Error('Docker Compose 2 is missing. Install it, or Go, with which it is built.');
  }
  process.stdout.write(`Building Docker Compose ${VERSION} (once; minutes) ...\n`);
  const folder = join(scratch, 'compose-build');
  await mkdir(folder);
  await writeFile(join(folder, 'go.mod'), 'module build\n\ngo 1.25\n');
  const source = `//go:build tools\n\npackage tools\n\nimport _ "${MODULE}/cmd"\n`;
  await writeFile(join(folder, 'tools.go'), source);
  const binary = join(folder, 'docker-compose');
  const flags = `-trimpath -ldflags '-X ${MODULE}/internal.Version=v${VERSION}'`;
  const script = `cd "$1" && go get ${MODULE}@v${VERSION} && go mod tidy && go build ${flags} -o "$2" ${MODULE}/cmd`;
  await run(['sh', '-c', script, 'sh', folder, binary], {
    deadlineMs: BUILD_DEADLINE_MS,
    env: { ...process.env, CGO_ENABLED: '0' },
    signal,
  });
  await copyFile(binary, `${file}.new`);
  await rename(`${file}.new`, file);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
