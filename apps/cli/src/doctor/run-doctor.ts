import { checkRedisArguments } from '@booner/bus/redis/config';
import { usageError } from '../errors/cli-error.ts';
import { EXIT } from '../errors/exit-codes.ts';
import type { ResolvedHub } from '../profile/resolve-hub.ts';
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
 * Runs `booner doctor`. JSON: `{ok, findings: [{check, status, detail, mend}]}`, where `status` is
 * `ok`, `warn`, `fail` or `skip`. Exits with 6 if a check fails.
 */
export async function runDoctor(context: Context, options: DoctorOptions): Promise<number | undefined> {
  const { terminal, isJson, env } = context;
  const issue =
    options.redisUrl === undefined
      ? null
      : checkRedisArguments({ argv: ['--redis-url', options.redisUrl], given: {}, config: {} });
  if (issue !== null) throw usageError(issue);
  const hub = await context.resolve();
  if (hub.url.startsWith('https:')) (await import('../runtime/trust.ts')).trustAuthorities(hub.caFile);
  using redis = redisPart(options, env);
  const checks = [...hubPart(hub), ...redis.checks, ...hostChecks(thisHost)];
  const width = Math.max(...checks.map(({ name }) => name.length));
  const findings = await runChecks(checks, (finding) => {
    if (!isJson) print(finding, width, terminal);
  });
  const count = (wanted: FindingStatus) => findings.filter(({ status }) => status === wanted).length;
  const problems = count('fail');
  if (isJson) terminal.printJson({ ok: problems === 0, findings: findings.map(toJson) });
  else
    terminal.print('', terminal.style(problems === 0 ? 'green' : 'red', summaryOf(problems, count('warn'))));
  return problems === 0 ? undefined : EXIT.problems;
}

function summaryOf(problems: number, warnings: number): string {
  const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
  const found = `${problems === 0 ? 'No problems' : counted(problems, 'problem')} found.`;
  return warnings === 0 ? found : `${found} ${counted(warnings, 'warning')}.`;
}

/** `mend` is the name of the hint in JSON. */
const toJson = ({ hint, ...finding }: Finding) => ({ ...finding, mend: hint });

function print({ check, status, detail, hint }: Finding, width: number, terminal: Terminal): void {
  terminal.print(`${terminal.style(STYLES[status], MARKS[status])}  ${check.padEnd(width)}  ${detail}`);
  if (hint !== null) terminal.print(`      ${' '.repeat(width)}  ${terminal.style('bold', `-> ${hint}`)}`);
}

/** Returns the checks of the hub. On a target, only if a hub was given: the default is local. */
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
      run: async () => skip(`this is a target, and no hub was given: pass --hub ${safeText(url)}`),
    },
  ];
}

function redisPart(
  options: DoctorOptions,
  env: NodeJS.ProcessEnv,
): { readonly checks: readonly Check[] } & Disposable {
  const found = findRedis(options, env);
  const only = (run: Check['run']) => ({
    checks: [{ name: 'redis', run }],
    [Symbol.dispose]: () => undefined,
  });
  if (found === null)
    return only(async () =>
      skip('no Redis was given: pass --redis-url, set REDIS_URL, or run this on the hub or a target'),
    );
  if (!('issue' in found)) return redisChecks(found);
  const isClosed = found.issue.includes('EACCES');
  if (isClosed) return only(async () => skip(`only root can read ${found.from}: run \`sudo booner doctor\``));
  return only(async () => fail(`${found.from}: ${found.issue}`, 'correct this setting'));
}
