import { accessSync, constants, mkdirSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';

/** How often this process has replaced itself. */
const GENERATION_VARIABLE = 'BOONER_PROCESS_GENERATION';
const LAST_GENERATION = 2;

/**
 * One arena of malloc(3) for all threads instead of eight a core, each of which keeps what it has once had: 1 MiB less of memory for an
 * agent, 5 for a hub with 1,000 clients.
 */
const MALLOC = { MALLOC_ARENA_MAX: '1' };

/** Beside the code and with its owner; Node.js' own default, a folder in /tmp, could be filled by other users. */
const CACHE_DIRECTORY = join(import.meta.dirname, '../../../node_modules/.cache');

/** The part of Node.js that strips types: some 25 MiB for a program of this size, kept for good. */
const TYPE_STRIPPER = 'NativeModule internal/deps/amaro/dist/index';

export type LeanOptions = {
  /** Names the program's own cache: code that was compiled with other options is of no use. */
  readonly program: string;
  /** Imports all that the program runs on. */
  readonly load: () => Promise<unknown>;
  readonly env: NodeJS.ProcessEnv;
  /** Options of Node.js for this program. */
  readonly nodeOptions: readonly string[];
};

/**
 * Makes this a small process where it was started from source: replaces it (same process id, see execve(2)) by one that finds its
 * modules in a cache, stripped and compiled, and so never loads the type stripper. When the cache was cold the successor fills
 * it and is replaced once more. A bundled program has no types to strip: it is only started anew with its options.
 *
 * MUST be called before anything has an effect. Returns in a process that is small, or that has to stay as it is: on
 * Windows, under a debugger or a watcher, or without a writable cache.
 */
export async function becomeLean({ program, load, env, nodeOptions }: LeanOptions): Promise<void> {
  const generation = Number(env[GENERATION_VARIABLE] ?? 0);
  const cache = join(CACHE_DIRECTORY, program);
  if (process.execve === undefined) return;
  if (!import.meta.filename.endsWith('.ts')) {
    if (generation === 0 && !isAttached())
      replaceProcess(nodeOptions, { ...env, [GENERATION_VARIABLE]: '1' });
    return;
  }
  if (generation >= LAST_GENERATION || (generation === 0 && mustStay(cache))) return;
  if (generation > 0) {
    await load();
    if (!moduleNames().includes(TYPE_STRIPPER)) return;
    flushCompileCache();
  }
  replaceProcess(generation === 0 ? nodeOptions : [], {
    ...env,
    NODE_COMPILE_CACHE: cache,
    [GENERATION_VARIABLE]: String(generation + 1),
  });
}

function replaceProcess(nodeOptions: readonly string[], env: NodeJS.ProcessEnv): void {
  const options = [...process.execArgv, ...nodeOptions];
  const variables = { ...MALLOC, ...env };
  process.execve?.(process.execPath, [process.execPath, ...options, ...process.argv.slice(1)], variables);
}

/** A debugger is attached to this process, or its parent talks to it over a channel: neither would survive. */
const isAttached = (): boolean =>
  process.channel !== undefined || process.execArgv.some((option) => option.startsWith('--inspect'));

function mustStay(cache: string): boolean {
  if (isAttached()) return true;
  try {
    mkdirSync(cache, { recursive: true });
    accessSync(cache, constants.W_OK);
    return false;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    return true; // a read-only checkout
  }
}

const moduleNames = (): string[] => (process as unknown as { moduleLoadList: string[] }).moduleLoadList;
