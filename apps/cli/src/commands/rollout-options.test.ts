import { rolloutRequestSchema } from '@booner/protocol';
import { Command } from 'commander';
import { expect, it } from 'vitest';
import { addRolloutOptions, type RolloutOptions, requestOf } from './rollout-options.ts';

/** Parses a command line, and the request as the hub parses it. */
function requestFrom(...words: readonly string[]) {
  const command = addRolloutOptions(new Command('start'))
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  command.parse(['web.deploy', ...words], { from: 'user' });
  const request = requestOf('web.deploy', command.opts<RolloutOptions>(), { version: 'v2' });
  return rolloutRequestSchema.parse(JSON.parse(JSON.stringify(request)));
}

it('starts with the defaults of the hub', () => {
  const { action, params, selector, ...others } = requestFrom('--selector', ' role = web ');
  expect({ action, params, selector }).toEqual({
    ...{ action: 'web.deploy', params: { version: 'v2' }, selector: 'role=web' },
  });
  expect(others).toEqual({
    ...{
      order: 'hash',
      batches: [1, '10%', '50%'],
      maxFailures: 0,
      offline: 'skip',
      offlineWaitSeconds: 3600,
    },
    between: { waitSeconds: 0, healthy: true },
  });
});

it('sends every option', () => {
  const request = requestFrom(
    ...['-l', '*', '--batches', '2, 25%', '--max-failures', '5%', '--order', 'label:rack', '--wait', '1m30s'],
    ...['--no-health', '--check', 'web.smoke', '--offline', 'wait', '--approval', 'between'],
  );
  expect(request).toMatchObject({
    ...{ selector: '*', batches: [2, '25%'], maxFailures: '5%', order: 'label:rack' },
    between: { waitSeconds: 90, healthy: false, check: { action: 'web.smoke', params: {} } },
    ...{ offline: 'wait', approval: 'between' },
  });
});

it.each([
  [['--batches', '0'], 'such as 1,10%,50%'],
  [['--batches', '1,,2'], 'such as 1,10%,50%'],
  [['--batches', '0%'], 'such as 1,10%,50%'],
  [['--max-failures', '101%'], 'such as 2 or 5%'],
  [['--order', 'label:'], 'such as label:rack'],
  [['--wait', '10'], 'such as 30s'],
  [['--offline', 'ignore'], 'Allowed choices are skip, fail, wait'],
  [['-l', 'os=linux'], 'is reported by the agent'],
  [[], '--selector is missing'],
  [['-l', ''], 'the selector is empty'],
])('rejects %o', (words, why) => {
  const selector = words.includes('-l') || words.length === 0 ? [] : ['-l', 'role=web'];
  expect(() => requestFrom(...selector, ...words)).toThrow(why);
});
