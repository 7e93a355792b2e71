import { accessSync, constants, mkdirSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Counts how often this process has replaced itself. */
const GENERATION_VARIABLE = 'BOONER_PROCESS_GENERATION';
const LAST_GENERATION = 2;
/** The file that the next generation loads in place of the sources. */
const BUNDLE_VARIABLE = 'BOONER_PROCESS_BUNDLE';

/**
 * One arena of malloc(3) for all threads instead of eight per core, each of which keeps its
 * high-water mark: saves 1 MiB of memory for an agent, 5 for a hub with 1,000 clients.
 */
const MALLOC = { MALLOC_ARENA_MAX: '1' };

const ROOT = join(import.meta.dirname, '../../..');
/**
 * Beside the code and with its owner. Other users could fill the default of Node.js, a folder in
 * `/tmp`.
 */
const CACHE_DIRECTORY = join(ROOT, 'node_modules/.cache');

/** The part of Node.js that strips types. It takes some 25 MiB and is never unloaded. */
const TYPE_STRIPPER = 'NativeModule internal/deps/amaro/dist/index';

export type LeanOptions<Program> = {
  /** Names the program's own cache: code compiled with other options of Node.js is not reusable. */
  readonly name: string;
  /** Source file of the program, for the bundler. */
  readonly source: string;
  /** Imports `source`. */
  readonly load: () => Promise<Program>;
  readonly env: NodeJS.ProcessEnv;
  /** Options of Node.js for this program. */
  readonly nodeOptions: readonly string[];
};

/**
 * Loads a program in a small process that starts fast. When started from source, this process is
 * replaced (same process id, see execve(2)) by one that finds the program in a cache, as one file,
 * stripped of types and compiled, so that it never loads the type stripper. If the cache was cold,
 * the successor fills it and is replaced again. A packaged program is only restarted with its
 * options.
 *
 * MUST be called before anything has an effect. The process stays as it is, and runs the sources,
 * on Windows, under a debugger or a watcher, or without a writable cache.
 */
export async function loadLean<Program>(options: LeanOptions<Program>): Promise<Program> {
  const { name, load, env, nodeOptions } = options;
  const generation = Number(env[GENERATION_VARIABLE] ?? 0);
  if (process.execve === undefined) return load();
  if (!import.meta.filename.endsWith('.ts')) {
    if (generation === 0 && !isAttached())
      replaceProcess(nodeOptions, { ...env, [GENERATION_VARIABLE]: '1' });
    return load();
  }
  if (generation > 0) {
    const bundle = env[BUNDLE_VARIABLE];
    const program = await (bundle === undefined ? load() : import(pathToFileURL(bundle).href));
    if (generation < LAST_GENERATION && moduleNames().includes(TYPE_STRIPPER)) {
      flushCompileCache();
      replaceProcess([], { ...env, [GENERATION_VARIABLE]: String(generation + 1) });
    }
    return program;
  }
  const cache = join(CACHE_DIRECTORY, name);
  if (isAttached() || !isWritable(cache)) return load();
  const { bundleFor } = await import('./bundle-cache.ts');
  const bundle = hasHooks(env) ? undefined : await bundleFor({ root: ROOT, cache, source: options.source });
  replaceProcess(nodeOptions, {
    ...env,
    NODE_COMPILE_CACHE: cache,
    ...(bundle === undefined ? {} : { [BUNDLE_VARIABLE]: bundle }),
    [GENERATION_VARIABLE]: '1',
  });
  return load();
}

function replaceProcess(nodeOptions: readonly string[], env: NodeJS.ProcessEnv): void {
  const options = [...process.execArgv, ...nodeOptions];
  const variables = { ...MALLOC, ...env };
  process.execve?.(process.execPath, [process.execPath, ...options, ...process.argv.slice(1)], variables);
}

/**
 * Returns true if a debugger is attached to this process, or its parent talks to it over a channel.
 * Neither survives a replacement.
 */
const isAttached = (): boolean =>
  process.channel !== undefined || process.execArgv.some((option) => option.startsWith('--inspect'));

/**
 * Returns true if modules are instrumented or replaced as they load, which a bundle would prevent.
 */
const hasHooks = ({ NODE_OPTIONS = '' }: NodeJS.ProcessEnv): boolean =>
  /--(import|require|loader|experimental-loader)\b/.test(NODE_OPTIONS);

function isWritable(cache: string): boolean {
  try {
    mkdirSync(cache, { recursive: true });
    accessSync(cache, constants.W_OK);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    return false; // a read-only checkout
  }
}

const moduleNames = (): string[] => (process as unknown as { moduleLoadList: string[] }).moduleLoadList;
