// Lints the OpenAPI document of the hub, which derives from the declarations of its routes. No
// server is started.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { allRoutes } from '../apps/hub/src/testing/all-routes.ts';
import { createTestApp } from '../apps/hub/src/testing/test-app.ts';

const RULES = ['--extends', 'recommended-strict'];
/** A sign-in only redirects, and `external: true` is required where `false` is the default. */
const SKIPPED = ['operation-2xx-response', 'no-illogical-composition-keywords'];

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'booner-openapi-'));
try {
  const app = createTestApp({ routes: await allRoutes(folder) });
  const answer = await app.request('/openapi.json', { headers: { host: 'localhost' } });
  const file = join(folder, 'openapi.json');
  writeFileSync(file, await answer.text());
  const { status, error } = spawnSync(
    join(root, 'node_modules/.bin/redocly'),
    ['lint', file, ...RULES, ...SKIPPED.flatMap((rule) => ['--skip-rule', rule])],
    {
      stdio: 'inherit',
      // Nothing but the document is read: no usage data and no search for updates.
      env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
    },
  );
  if (error !== undefined) throw error;
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true });
}
