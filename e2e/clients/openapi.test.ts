import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHub } from '@booner/testkit';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { run } from '../packages/consumer.ts';
import { PYTHON, schemathesis } from './schemathesis.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'booner-openapi-'));
});
afterAll(() => rm(folder, { recursive: true }));

// `npm run test:api` makes up many more cases, such as the limits of each value.
describe.concurrent('the OpenAPI document', () => {
  it('is valid, and says what a hub without sign-in accepts and answers', async () => {
    await using hub = await startHub();
    const file = join(folder, 'openapi.json');
    await writeFile(file, await (await hub.get('/openapi.json')).text());
    await run(PYTHON, ['-m', 'openapi_spec_validator', file], folder);
    await run(PYTHON, schemathesis({ hub, phases: ['examples'], maxExamples: 1 }), folder);
  });

  it('says what a hub with sign-in accepts and answers', async () => {
    await using hub = await startHub({ auth: 'first' });
    await run(PYTHON, schemathesis({ hub, phases: ['examples', 'fuzzing'], maxExamples: 1 }), folder);
  });
});
