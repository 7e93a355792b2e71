import { accessSync, constants, mkdirSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';

/**
 * Options of V8 for a process that works 2 ms in 3 s. Without its optimizing compilers that work takes as long, and 8 MiB less of
 * Node.js' own code comes into memory; without the baseline compiler there is 1 MiB less of machine code; a young generation of
 * 1 MiB is enough for ten samples. `--expose-gc` is for `releaseStartMemory`.
 */
const LEAN_OPTIONS = ['--no-opt', '--no-maglev', '--no-sparkplug', '--max-semi-space-size=1', '--expose-gc'];

/** How often this process has replaced itself. */
const GENERATION_VARIABLE = 'BOONER_AGENT_GENERATION';
const LAST_GENERATION = 2;

const CACHE_DIRECTORY = join(import.meta.dirname, '../../../node_modules/.cache/booner-agent');

/** The part of Node.js that strips types: 25 MiB for a program of this size, kept for good. */
const TYPE_STRIPPER = 'NativeModule internal/deps/amaro/dist/index';

/**
 * Makes this a small process where it was started from source: replaces it (same process id, see execve(2)) by one with
 * {@link LEAN_OPTIONS} that finds its modules in a cache, stripped and compiled, and so never loads the type stripper. When the
 * cache was cold the successor fills it and is replaced once more. Measured in MiB of RSS, of which anonymous: 107 (52) as
 * started; 79 (30) without the type stripper; 71 (29) with the options; 59 (17) after `releaseStartMemory`.
 *
 * MUST be called before anything has an effect. Returns in a process that is small, or that has to stay as it is: bundled, on
 * Windows, under a debugger or a watcher, or without a writable cache.
 * @param load imports all that the agent runs on
 */
export async function becomeLean(load: () => Promise<unknown>, env: NodeJS.ProcessEnv): Promise<void> {
  const generation = Number(env[GENERATION_VARIABLE] ?? 0);
  if (process.execve === undefined || !import.meta.filename.endsWith('.ts')) return;
  if (generation >= LAST_GENERATION || (generation === 0 && mustStay())) return;
  if (generation > 0) {
    await load();
    if (!moduleNames().includes(TYPE_STRIPPER)) return;
    flushCompileCache();
  }
  const options = generation === 0 ? [...process.execArgv, ...LEAN_OPTIONS] : process.execArgv;
  process.execve(process.execPath, [process.execPath, ...options, ...process.argv.slice(1)], {
    ...env,
    NODE_COMPILE_CACHE: CACHE_DIRECTORY,
    [GENERATION_VARIABLE]: String(generation + 1),
  });
}

/** A debugger is attached to this process, and a channel to its parent would not survive. */
function mustStay(): boolean {
  if (process.channel !== undefined || process.execArgv.some((option) => option.startsWith('--inspect')))
    return true;
  try {
    mkdirSync(CACHE_DIRECTORY, { recursive: true });
    accessSync(CACHE_DIRECTORY, constants.W_OK);
    return false;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    return true; // a read-only checkout
  }
}

const moduleNames = (): string[] => (process as unknown as { moduleLoadList: string[] }).moduleLoadList;
