// Runs the tests on real hosts (e2e/hosts), after building the packages that the hosts install.
// Exits with 77 where the kernel, or the container around this, allows no namespaces, and with 1
// for every other failure.
//   npm run test:fleet -- [--short] [tests' file names]
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { whyNoHosts } from '../../e2e/hosts/requirements.ts';
import { removeLeftovers } from '../../e2e/hosts/run-folder.ts';
import { runVitest } from '../run-vitest.mjs';
import { makePackages } from './packages.mjs';

const SKIPPED = 77;

const root = join(import.meta.dirname, '../..');
const { values, positionals } = parseArgs({
  options: { short: { type: 'boolean', default: false } },
  allowPositionals: true,
});

const obstacle = await whyNoHosts();
if (obstacle !== null) {
  process.stderr.write(`${obstacle.text}\n`);
  process.exit(obstacle.isKernels ? SKIPPED : 1);
}
const packages = await mkdtemp(join(tmpdir(), 'booner-fleet-'));
try {
  await makePackages({ root, out: packages, isShort: values.short });
  const all = values.short ? ['short'] : ['harness', 'fleet', 'launcher', 'examples'];
  const files = positionals.length > 0 ? positionals : all;
  process.exitCode = await runVitest({
    root,
    config: 'e2e/hosts/vitest.config.ts',
    files,
    env: { BOONER_FLEET_PACKAGES: packages },
  });
} finally {
  await removeLeftovers();
  await rm(packages, { recursive: true });
}
