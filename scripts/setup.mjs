// Installs and builds what is missing before `npm start`, `npm test` and others. Plain JavaScript
// without dependencies, since it runs on the system's Node.js before anything is installed.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { installPythonTools, lacksPython } from './python-tools.mjs';

const OLDEST_NODE = 20;
/** Debian packages that tests need, each with commands of which one must exist. */
const TEST_PACKAGES = {
  'redis-server': ['redis-server'],
  openssl: ['openssl'],
  chromium: ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'],
  nginx: ['nginx'],
  caddy: ['caddy'],
  prometheus: ['prometheus'],
  'victoria-metrics': ['victoria-metrics'],
};
/** The only package that the demo needs. */
const DEMO_PACKAGES = { 'redis-server': TEST_PACKAGES['redis-server'] };
/** System services of packages that are disabled: tests and the demo start their own servers. */
const SERVICES = {
  'redis-server': ['redis-server'],
  nginx: ['nginx'],
  caddy: ['caddy'],
  prometheus: ['prometheus'],
  'victoria-metrics': ['victoria-metrics'],
  'docker.io': ['docker.service', 'docker.socket'],
};
/** Debian packages run this to ask whether a service may start. Exit code 101 denies it. */
const SERVICE_POLICY = '/usr/sbin/policy-rc.d';
/** Packages for tests on real hosts. */
const FLEET_PACKAGES = {
  'redis-server': ['redis-server'],
  'systemd-container': ['systemd-nspawn'],
  debootstrap: ['debootstrap'],
  iproute2: ['ip'],
  curl: ['curl'],
  'ca-certificates': ['update-ca-certificates'],
};
/** Packages for tests of the Docker composition. */
const COMPOSE_PACKAGES = {
  'docker.io': ['dockerd'],
  iptables: ['iptables'],
  slirp4netns: ['slirp4netns'],
  debootstrap: ['debootstrap'],
  iproute2: ['ip'],
  curl: ['curl'],
};
/** Sources of the dashboard. */
const DASHBOARD_INPUTS = [
  ...['src', 'public', 'index.html', 'vite.config.ts', 'package.json'].map(
    (name) => `apps/dashboard/${name}`,
  ),
  ...['client', 'react', 'protocol'].map((name) => `packages/${name}/src`),
  'package-lock.json',
];

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
const dashboardStamp = join(root, 'apps/dashboard/dist/.stamp');
const forTests = process.argv.includes('--for-tests');
const forDemo = process.argv.includes('--for-demo');

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  fail(`Node.js ${process.versions.node} is too old: ${OLDEST_NODE} or newer is needed.`);
}
try {
  const wanted = {
    ...(forTests ? TEST_PACKAGES : {}),
    ...(forDemo ? DEMO_PACKAGES : {}),
    ...(process.argv.includes('--for-fleet') ? FLEET_PACKAGES : {}),
    ...(process.argv.includes('--for-compose') ? COMPOSE_PACKAGES : {}),
  };
  const testPackages = installForTests(wanted); // in parallel with npm, since both wait for the network
  testPackages.catch(() => {}); // awaited below
  if (isStale()) {
    say('Installing dependencies (once; a minute or so) ...');
    await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  }
  if (process.argv.includes('--dashboard')) await buildDashboard();
  await testPackages;
} catch (error) {
  fail(error.message);
}

/** Returns whether the lock file is newer than the installed dependencies. */
function isStale() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  return (
    !existsSync(installed) || statSync(join(root, 'package-lock.json')).mtimeMs > statSync(installed).mtimeMs
  );
}

async function installForTests(wanted) {
  await installPackages(wanted);
  if (forTests) await installPythonTools({ run, say });
}

async function installPackages(wanted) {
  const missing = Object.entries(wanted).filter(([, commands]) => !commands.some(isOnPath));
  const packages = missing.map(([name]) => name);
  if (forTests && lacksPython()) packages.push('python3-venv');
  if (packages.length === 0) return;
  const names = new Intl.ListFormat('en').format(packages);
  const purpose = forDemo ? 'demo' : 'tests';
  const asRootOnDebian = process.getuid?.() === 0 && isOnPath('apt-get');
  if (!asRootOnDebian) {
    throw new Error(
      `The ${purpose} ${forDemo ? 'needs' : 'need'} ${names}. Install ${packages.length === 1 ? 'it' : 'them'} and run this again, on Debian or Ubuntu with:\n` +
        `  sudo apt-get update && sudo apt-get install --yes ${packages.join(' ')}`,
    );
  }
  say(`Installing ${names} for the ${purpose} (apt-get) ...`);
  await run('apt-get', ['update', '-qq']);
  if (!existsSync(SERVICE_POLICY)) {
    writeFileSync(SERVICE_POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
    process.on('exit', () => rmSync(SERVICE_POLICY));
  }
  const offered = await Promise.all(packages.map(leanest));
  await run('apt-get', ['install', '--yes', '-qq', '--no-install-recommends', ...offered]);
  const services = packages.flatMap((name) => SERVICES[name] ?? []);
  const hasSystemd = existsSync('/run/systemd/system');
  if (hasSystemd && services.length > 0) await run('systemctl', ['--quiet', 'disable', ...services]);
}

/**
 * Returns the package of Chromium that draws on no screen, where there is one: tests take a fifth
 * less time of the processor with it.
 */
async function leanest(name) {
  const lean = 'chromium-headless-shell';
  if (name !== 'chromium') return name;
  return run('apt-cache', ['show', lean]).then(
    () => lean,
    () => name,
  );
}

/** Rebuilds the dashboard if one of its sources is newer than the last successful build. */
async function buildDashboard() {
  const startedAt = new Date();
  const builtAtMs = existsSync(dashboardStamp) ? statSync(dashboardStamp).mtimeMs : 0;
  if (DASHBOARD_INPUTS.every((input) => changedAtMs(join(root, input)) <= builtAtMs)) return;
  say('Building the dashboard (a few seconds) ...');
  await run('npm', ['run', '--silent', 'build', '--workspace', 'apps/dashboard']);
  writeFileSync(dashboardStamp, '');
  utimesSync(dashboardStamp, startedAt, startedAt); // changes during the build are not in it
}

/**
 * Returns the time of the last change below a path, tests excluded. A folder's own time changes
 * when a file is removed.
 */
function changedAtMs(path) {
  if (/\.test\.tsx?$/.test(path)) return 0;
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => changedAtMs(join(path, name))));
}

function isOnPath(command) {
  // Debian installs nginx in /usr/sbin, which is not on every user's PATH.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];
  return folders.some((folder) => existsSync(join(folder, command)));
}

/** Runs a command silently. @throws Error with its output when it fails */
async function run(command, args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8').on('data', (text) => {
      printed += text;
    });
  }
  const status = await new Promise((resolve) => {
    child.on('error', ({ message }) => resolve(message));
    child.on('close', resolve);
  });
  if (status === 0) return;
  throw new Error(`${printed}\`${command} ${args.join(' ')}\` failed (${status}). What it printed is above.`);
}

function say(text) {
  process.stdout.write(`${text}\n`);
}

function fail(text) {
  process.stderr.write(`${text}\n`);
  process.exit(1);
}
