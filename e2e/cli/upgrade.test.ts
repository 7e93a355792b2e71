import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Target } from '@booner/protocol';
import { eventually, startAgent } from '@booner/testkit';
import { expect, it } from 'vitest';
import { shell } from '../tasks/actions.ts';
import { HOST, startTaskBed } from '../tasks/task-bed.ts';
import { boonerFor } from './booner.ts';

const OTHER_HOST = '10.0.0.3';
const env = { BOONER_INTERVAL_MS: '500' };

type Report = {
  version: string;
  hosts: { host: string; from: string; status: string; detail: string | null }[];
};

/** Stands in for the package of another version: the same agent, reporting this version. */
const ofVersion = (version: string) => {
  const script = `import { registerHooks } from 'node:module';
    registerHooks({ load(url, context, next) {
      const module = next(url, context);
      if (!url.endsWith('/apps/agent/package.json')) return module;
      return { ...module, source: String(module.source).replace(/"version": "[^"]*"/, '"version": "${version}"') };
    } });`;
  return { ...env, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(script)}` };
};

it('upgrades hosts one at a time, checks each, and stops at a failure', async () => {
  await using bed = await startTaskBed({
    hubEnv: env,
    actions: (directory) => ({
      'booner-upgrade': {
        ...shell(
          'case $1 in 9.9.9) touch "$2/asked" ;; *) echo "no package of version $1" >&2; exit 1 ;; esac',
          '{{version}}',
          directory,
        ),
        parameters: [{ name: 'version', type: 'string', required: true }],
      },
    }),
  });
  await using before = await startAgent({ redisUrl: bed.redis.url, hostId: HOST, env: ofVersion('0.0.9') });
  await using _other = await startAgent({
    redisUrl: bed.redis.url,
    hostId: OTHER_HOST,
    env: ofVersion('0.0.9'),
  });
  await using booner = await boonerFor(bed.hub.url);
  const versions = async () => {
    const { targets } = (await (await bed.hub.get('/targets')).json()) as { targets: Target[] };
    return targets.map(({ inventory }) => inventory?.agentVersion);
  };
  await eventually(async () => expect(await versions()).toEqual(['0.0.9', '0.0.9']), {
    what: 'both agents, and their versions',
  });

  const failing = await booner.json<Report>(
    ['target', 'upgrade', HOST, OTHER_HOST, '--to', '9.9.8', '--timeout', '3'],
    { code: 1 },
  );
  expect(failing.hosts).toMatchObject([
    {
      host: HOST,
      from: '0.0.9',
      status: 'failed',
      detail: expect.stringMatching(/no package of version 9\.9\.8; its agent reports 0\.0\.9/),
    },
    { host: OTHER_HOST, status: 'not_tried' },
  ]);

  const upgrading = booner.start(['target', 'upgrade', HOST, OTHER_HOST, '--to', '9.9.9', '--timeout', '40']);
  await eventually(() => access(join(bed.directory, 'asked')).then(() => true), {
    what: 'the action to run',
  });
  await before.stop();
  await using _after = await startAgent({ redisUrl: bed.redis.url, hostId: HOST, env: ofVersion('9.9.9') });
  const { code, stdout } = await upgrading.ended;
  expect(stdout).toMatch(/^10\.0\.0\.2: upgraded$/m);
  // A host without a runner must be upgraded by hand: the message contains the command.
  expect(stdout).toMatch(
    /^10\.0\.0\.3: by hand: .*run on the host: sudo \/opt\/booner\/current\/upgrade 9\.9\.9$/m,
  );
  expect(code).toBe(1);

  const again = await booner.json<Report>(['target', 'upgrade', HOST, '--to', '9.9.9']);
  expect(again.hosts).toMatchObject([{ host: HOST, status: 'current' }]);
});
