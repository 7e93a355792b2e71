// Compares the answers of hubs with their OpenAPI document, in many more cases than the tests do.
// `npm run test:api -- 100` makes up 100 cases per operation.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { PYTHON, schemathesis } from '../e2e/clients/schemathesis.ts';
import { startHub, startRedis } from '../packages/testkit/src/index.ts';

const phases = ['examples', 'coverage', 'fuzzing', 'stateful'];
const maxExamples = Number(process.argv[2] ?? 30);

const folder = mkdtempSync(join(tmpdir(), 'booner-api-'));
const failed = [];
/** Runs against one hub. What it does to it stays visible until the end. */
async function compare(name, options) {
  process.stdout.write(`\n== ${name}\n`);
  await using hub = await startHub(options);
  const args = schemathesis({ hub, phases, maxExamples });
  const [code] = await once(spawn(PYTHON, args, { cwd: folder, stdio: 'inherit' }), 'exit');
  if (code !== 0) failed.push(name);
}
try {
  await compare('a hub without sign-in', {});
  await compare('a hub with sign-in, and a token', { auth: 'first' });
  await using redis = await startRedis();
  await compare('a hub on Redis with sign-in, and a token', { auth: 'first', redisUrl: redis.url });
} finally {
  rmSync(folder, { recursive: true });
}
process.stdout.write(failed.length === 0 ? '\nNo failures.\n' : `\nFailures: ${failed.join('; ')}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
