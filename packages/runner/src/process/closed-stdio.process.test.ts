import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { runScript } from '../testing/run-to-end.ts';

const LIST = 'for each in /proc/self/fd/*; do echo "$each $(readlink $each)"; done';

/** A minimal runner, which starts one process. */
const RUNNER = `
  import { startAction } from ${JSON.stringify(new URL('./start-action.ts', import.meta.url))};
  import { DEFAULT_RUN_POLICY } from ${JSON.stringify(new URL('./run-policy.ts', import.meta.url))};
  import { makeAction } from ${JSON.stringify(new URL('../testing/action-factory.ts', import.meta.url))};
  const run = await startAction({
    action: makeAction(),
    command: { argv: ['sh', '-c', process.argv[1]], env: {}, secrets: [] },
    taskId: 'probe',
    policy: DEFAULT_RUN_POLICY,
    directory: '/tmp',
    onLine: (_, text) => console.log(text),
    onProgress: () => {},
  });
  await run.ended;
`;

it.skipIf(process.platform !== 'linux')(
  'gives a process no input, two outputs and nothing of its own',
  async () => {
    await using file = await open('/etc/passwd');
    const { run } = await runScript(LIST);
    const shown = run.texts('stdout').join('\n');
    expect(shown).toContain('/0 /dev/null');
    expect(shown).not.toContain('/etc/passwd');
    expect(file.fd).toBeGreaterThan(2);
  },
);

it.skipIf(process.platform !== 'linux')('covers descriptors that the runner was itself given', async () => {
  await using file = await open('/etc/passwd');
  const ignored = Array.from({ length: 17 }, () => 'ignore' as const);
  const runner = spawn(process.execPath, ['--input-type=module', '-e', RUNNER, LIST], {
    // Node.js itself hides those that follow the standard ones without a gap.
    stdio: ['ignore', 'pipe', 'inherit', ...ignored, file.fd],
  });
  const output = await text(runner.stdout!);
  expect(output).toContain('/20 /dev/null');
  expect(output).not.toContain('/etc/passwd');
});
