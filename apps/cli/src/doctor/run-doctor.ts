import { checkRedisArguments } from '@booner/bus/redis/config';
import { usageError } from '../errors/cli-error.ts';
import { EXIT } from '../errors/exit-codes.ts';
import { DEFAULT_HUB, type ResolvedHub } from '../profile/resolve-hub.ts';
import type { Context } from '../runtime/context.ts';
import { safeText } from '../terminal/safe-text.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { type Check, type Finding, type FindingStatus, fail, runChecks, skip } from './check.ts';
import { readEnvFile } from './env-file.ts';
import { hostChecks, thisHost } from './host-checks.ts';
import { hubChecks } from './hub-checks.ts';
import { redisChecks } from './redis-checks.ts';
import { type DoctorOptions, findRedis } from './redis-settings.ts';

const MARKS = { ok: 'ok  ', warn: 'warn', fail: 'FAIL', skip: 'skip' } as const;
const STYLES = { ok: 'green', warn: 'yellow', fail: 'red', skip: 'dim' } as const satisfies Record<
  FindingStatus,
  string
>;

/**
 * `booner doctor`. JSON: `{"ok", "findings": [{check, status, detail, mend}]}`, `status` being `ok`, `warn`, `fail` or `skip`. Ends
 * with 6 when something fails.
 */
export async function runDoctor(context: Context, options: DoctorOptions): Promise<number | undefined> {
  const { terminal, isJson, env } = context;
  const refused =
    options.redisUrl === undefined
      ? null
      : checkRedisArguments({ argv: ['--redis-url', options.redisUrl], given: {}, config: {} });
  if (refused !== null) throw usageError(refused);
  const hub = await context.resolve();
  if (hub.url.startsWith('https:')) (await import('../runtime/trust.ts')).trustAuthorities(hub.caFile);
  using redis = redisPart(options, env);
  const checks = [...hubPart(hub), ...redis.checks, ...hostChecks(thisHost)];
  const width = Math.max(...checks.map(({ name }) => name.length));
  const findings = await runChecks(checks, (finding) => {
    if (!isJson) print(finding, width, terminal);
  });
  const faults = findings.filter(({ status }) => status === 'fail').length;
  if (isJson) terminal.printJson({ ok: faults === 0, findings });
  else
    terminal.print(
      '',
      faults === 0
        ? terminal.style('green', 'No faults.')
        : terminal.style('red', `${faults} ${faults === 1 ? 'fault' : 'faults'}.`),
    );
  return faults === 0 ? undefined : EXIT.faults;
}

function print({ check, status, detail, mend }: Finding, width: number, terminal: Terminal): void {
  terminal.print(`${terminal.style(STYLES[status], MARKS[status])}  ${check.padEnd(width)}  ${detail}`);
  if (mend !== null) terminal.print(`      ${' '.repeat(width)}  ${terminal.style('bold', `-> ${mend}`)}`);
}

/** A target need not know where the hub is: then only what somebody names is looked at. */
function hubPart(hub: ResolvedHub): readonly Check[] {
  const isTarget =
    readEnvFile('/etc/booner/agent.env').type !== 'absent' &&
    readEnvFile('/etc/booner/hub.env').type === 'absent';
  if (hub.urlFrom !== 'the default' || !isTarget) return hubChecks(hub);
  const installed = readEnvFile('/etc/booner/install.env');
  const url = (installed.type === 'read' ? installed.values.HUB_URL : undefined) ?? 'URL';
  return [
    {
      name: 'hub',
      look: async () =>
        skip(
          `this is a target, and no hub was named (${DEFAULT_HUB} would be this machine): --hub ${safeText(url)}`,
        ),
    },
  ];
}

function redisPart(
  options: DoctorOptions,
  env: NodeJS.ProcessEnv,
): { readonly checks: readonly Check[] } & Disposable {
  const found = findRedis(options, env);
  const nothing = (look: Check['look']) => ({
    checks: [{ name: 'redis', look }],
    [Symbol.dispose]: () => undefined,
  });
  if (found === null)
    return nothing(async () =>
      skip('no Redis was named: --redis-url, REDIS_URL, or run this on the hub or a target'),
    );
  if (!('fault' in found)) return redisChecks(found);
  const isClosed = found.fault.includes('EACCES');
  if (isClosed) return nothing(async () => skip(`${found.from}: only root may look: \`sudo booner doctor\``));
  return nothing(async () => fail(`${found.from}: ${found.fault}`, 'mend the settings that are named'));
}
