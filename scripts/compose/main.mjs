// Runs the tests of the Docker composition (e2e/compose) in a Docker engine of its own. Exits with
// 77 where the kernel, or the container around this, allows no engine, and with 1 for every other
// failure. Afterwards only /var/cache/booner is left, from which the next run starts faster.
//   npm run test:compose
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { provideBaseImages } from '../../e2e/compose/base-images.ts';
import { addComposePlugin } from '../../e2e/compose/compose-plugin.ts';
import { startEngine } from '../../e2e/compose/engine.ts';
import { whyNoEngine } from '../../e2e/compose/requirements.ts';
import { cacheFolder, makeRunFolder } from '../../e2e/hosts/run-folder.ts';
import { runVitest } from '../run-vitest.mjs';

const SKIPPED = 77;

const root = join(import.meta.dirname, '../..');
const abort = new AbortController();
const { signal } = abort;
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => abort.abort());

const obstacle = await whyNoEngine();
if (obstacle !== null) {
  process.stderr.write(`${obstacle.text}\n`);
  process.exit(obstacle.isKernels ? SKIPPED : 1);
}
try {
  process.exitCode = await runTests();
} catch (error) {
  if (!signal.aborted) throw error;
  process.exitCode = 1;
}

async function runTests() {
  await using run = await makeRunFolder();
  const config = join(run.folder, 'config');
  const places = { cache: cacheFolder(), scratch: run.folder, signal };
  await mkdir(config);
  await addComposePlugin(config, places);
  await using engine = await startEngine(run, config);
  process.stdout.write('Preparing the base images ...\n');
  const images = await provideBaseImages({ ...places, env: engine.env });
  if (images === 'stand-ins')
    process.stdout.write('docker.io cannot be reached: the base images are stand-ins, made from Debian.\n');
  signal.throwIfAborted();
  // Awaited here: the engine must not end before.
  return await runVitest({
    root,
    config: 'e2e/compose/vitest.config.ts',
    env: { ...engine.env, BOONER_COMPOSE_FOLDER: run.folder },
    within: engine.onNetwork,
  });
}
