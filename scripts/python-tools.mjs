// Installs the Python tools of the tests into a virtual environment. Plain JavaScript without
// dependencies, like setup.mjs.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
const REQUIREMENTS = join(root, 'scripts/python-tools.txt');
/** Where tests find `bin/python` with the tools. */
const LINK = join(root, '.booner/python-tools');

/** Returns whether a Python is missing that can make virtual environments. */
export function lacksPython() {
  if (existsSync(environmentFolder())) return false;
  return spawnSync('python3', ['-c', 'import ensurepip, venv']).status !== 0;
}

/**
 * Installs the tools unless they are. All clones share the environment, because a new one takes
 * half a minute and the network.
 * @param run runs a command, and throws with its output when it fails
 */
export async function installPythonTools({ run, say }) {
  const folder = environmentFolder();
  if (!existsSync(folder)) {
    say('Installing Python tools for the tests (pip) ...');
    const own = `${folder}.${process.pid}`; // another clone may do the same now
    try {
      await run('python3', ['-m', 'venv', own]);
      const pip = ['-m', 'pip', '--no-input', '--disable-pip-version-check', 'install', '--quiet'];
      await run(join(own, 'bin/python'), [...pip, '--requirement', REQUIREMENTS]);
      if (!existsSync(folder)) renameSync(own, folder);
    } finally {
      rmSync(own, { recursive: true, force: true });
    }
  }
  mkdirSync(join(LINK, '..'), { recursive: true });
  rmSync(LINK, { force: true });
  symlinkSync(folder, LINK);
}

/** Folder of the environment for these tools and this Python. */
function environmentFolder() {
  const python = spawnSync('python3', ['-c', 'import sys; print(sys.executable, sys.version)']);
  const key = createHash('sha256')
    .update(readFileSync(REQUIREMENTS))
    .update(python.stdout ?? '')
    .digest('hex');
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(cache, 'booner', `python-tools-${key.slice(0, 16)}`);
}
