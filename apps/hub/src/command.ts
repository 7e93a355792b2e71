import { redactRedisUrl } from '@booner/bus/redis/url';
import { aborted, createLogger, runMain, sleep } from '@booner/service';
import { reportToServiceManager } from '@booner/service/service-manager';
import manifest from '../package.json' with { type: 'json' };
import { readHubConfig } from './config/config.ts';
import { hasDashboard } from './config/program-files.ts';
import { startHub } from './hub.ts';
import { startedText } from './started-text.ts';

/** Targets that are there report within this time. */
const SETTLE_MS = 1000;

/**
 * Calls back at SIGHUP, which logrotate and `systemctl reload` send. It never ends the hub, except
 * in a terminal, whose end it announces.
 */
function watchHangups(): (listener: () => void) => void {
  if (process.stdin.isTTY) return () => {};
  process.on('SIGHUP', () => {});
  return (listener) => void process.on('SIGHUP', listener);
}

const print = (text: string) => void process.stdout.write(text);

/** Runs the command line, and exits. */
export const runCommand = (): Promise<never> =>
  runMain(async ({ signal }) => {
    const config = readHubConfig({ env: process.env, argv: process.argv.slice(2) });
    if ('help' in config) {
      process.stdout.write(config.help);
      return;
    }
    const { version } = manifest;
    const onRotation = watchHangups();
    const log = await createLogger({ name: 'hub', level: config.logLevel });
    const isTty = process.stdout.isTTY === true;
    const manager = reportToServiceManager({ env: process.env }, { signal });
    await using hub = await startHub({
      config,
      version,
      log,
      manager,
      show: isTty ? print : null,
      onRotation,
    });
    const { url } = hub;
    // On a terminal, the text says it all.
    const fields = (values: object) => (isTty ? {} : values);
    manager.status(`at ${url}`);
    manager.ready();
    if (config.redis === null) {
      log.info(
        fields({ url, version, mode: 'embedded' }),
        `Booner is up at ${url} in embedded mode: this machine alone, without Redis.`,
      );
      log.info('To add hosts, give the hub a Redis by REDIS_URL: see docs/install.md.');
    } else {
      const redis = redactRedisUrl(config.redis.url.reveal());
      log.info(
        fields({ url, version, mode: 'redis', redis }),
        `Booner is up at ${url} and uses Redis at ${redis}.`,
      );
    }
    if (config.insecure)
      log.warn(
        { host: config.host },
        'this hub has no authentication: anyone who can reach it has full access',
      );
    const stopped = Promise.race([aborted(signal), hub.failed]);
    await Promise.race([hub.firstTransition, sleep(SETTLE_MS, signal), stopped]);
    if ((isTty || config.isNpmScript) && !signal.aborted) {
      print(startedText(url, hasDashboard(config.dashboardDirectory)));
    }
    await stopped;
    log.info('stopping');
  });
