// Installs what is missing, before `npm start` and the like. Plain JavaScript without dependencies: it runs on the machine's own
// Node.js, before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';

const OLDEST_NODE = 20;
/** Debian's packages that tests need, by the command that shows whether they are there. */
const TEST_PACKAGES = { 'redis-server': 'redis-server', openssl: 'openssl' };

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
const forTests = process.argv.includes('--for-tests');

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  fail(`Node.js ${process.versions.node} is too old: ${OLDEST_NODE} or newer is needed.`);
}
if (isStale()) {
  say('Installing dependencies (once; a minute or so) ...');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
}
if (forTests) installTestPackages();

/** Whether the lock file is newer than what is installed. */
function isStale() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  return (
    !existsSync(installed) || statSync(join(root, 'package-lock.json')).mtimeMs > statSync(installed).mtimeMs
  );
}

function installTestPackages() {
  const missing = Object.entries(TEST_PACKAGES).filter(([command]) => !isOnPath(command));
  if (missing.length === 0) return;
  const packages = missing.map(([, name]) => name);
  const asRootOnDebian = process.getuid?.() === 0 && isOnPath('apt-get');
  if (!asRootOnDebian) {
    fail(
      `The tests need ${packages.join(' and ')}. Install them and run this again, on Debian or Ubuntu with:\n` +
        `  sudo apt-get update && sudo apt-get install --yes ${packages.join(' ')}`,
    );
  }
  say(`Installing ${packages.join(' and ')} for the tests (apt-get) ...`);
  run('apt-get', ['update', '-qq']);
  run('apt-get', ['install', '--yes', '-qq', '--no-install-recommends', ...packages]);
}

function isOnPath(command) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.some((folder) => existsSync(join(folder, command)));
}

function run(command, args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }; // a package's own service need not start
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd: root, env, encoding: 'utf8' });
  if (status === 0) return;
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}${error ? `${error.message}\n` : ''}`);
  fail(`\`${command} ${args.join(' ')}\` failed (status ${status}). What it printed is above.`);
}

function say(text) {
  process.stdout.write(`${text}\n`);
}

function fail(text) {
  process.stderr.write(`${text}\n`);
  process.exit(1);
}
