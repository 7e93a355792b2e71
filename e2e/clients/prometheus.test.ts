import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, it, type TestContext } from 'vitest';

const run = promisify(execFile);
const DOCS = join(import.meta.dirname, '../../docs/prometheus');
const RULES = join(DOCS, 'alerts.yaml');

/** @param context of the test: among concurrent ones, the imported function may mean another */
async function temporaryFolder({ onTestFinished }: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'booner-prometheus-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** Rejects with the output of promtool unless it is content. */
const promtool = (...args: string[]) => run('promtool', args);

describe.concurrent('the files for Prometheus', () => {
  it('are valid for promtool', async (context) => {
    const folder = await temporaryFolder(context);
    const token = join(folder, 'booner.token');
    const config = await readFile(join(DOCS, 'scrape.yaml'), 'utf8');
    await writeFile(token, 'bnr_');
    await writeFile(join(folder, 'alerts.yaml'), await readFile(RULES));
    await writeFile(join(folder, 'scrape.yaml'), config.replace('/etc/prometheus/booner.token', token));
    await promtool('check', 'config', join(folder, 'scrape.yaml')); // its rules, too
  });

  it('raise the alerts that they name', async (context) => {
    const folder = await temporaryFolder(context);
    const up = (host: string, instance: string) => `booner_target_up{host="${host}",instance="${instance}"}`;
    const seen = (host: string) => `booner_target_last_seen_timestamp_seconds{host="${host}"}`;
    const failed = (instance: string) =>
      `booner_hub_tasks_ended_total{status="failed",instance="${instance}"}`;
    const tests = {
      rule_files: [RULES],
      evaluation_interval: '1m',
      tests: [
        {
          interval: '1m',
          input_series: [
            ...['hub-1', 'hub-2'].map((hub) => ({ series: up('offline', hub), values: '1 0x20' })),
            { series: seen('offline'), values: '60x20' },
            { series: up('pending', 'hub-1'), values: '0x20' },
            { series: up('active', 'hub-1'), values: '1x20' },
            { series: seen('active'), values: '60+60x20' },
            ...['hub-1', 'hub-2'].map((hub) => ({ series: failed(hub), values: '0 0 0 5x20' })),
          ],
          alert_rule_test: [
            { eval_time: '1m', alertname: 'BoonerTargetOffline', exp_alerts: [] },
            {
              eval_time: '10m',
              alertname: 'BoonerTargetOffline',
              exp_alerts: [
                {
                  exp_labels: { severity: 'warning', host: 'offline' },
                  exp_annotations: {
                    summary: 'offline is offline',
                    description: 'Its agent does not reach Redis. Run `booner doctor` on the host.',
                  },
                },
              ],
            },
            { eval_time: '1m', alertname: 'BoonerTasksFailing', exp_alerts: [] },
          ],
          promql_expr_test: [
            {
              expr: 'count(ALERTS{alertname="BoonerTasksFailing",alertstate="firing"})',
              eval_time: '10m',
              exp_samples: [{ labels: '{}', value: 1 }],
            },
          ],
        },
      ],
    };
    const file = join(folder, 'alerts.test.json'); // JSON is YAML
    await writeFile(file, JSON.stringify(tests));
    await promtool('test', 'rules', file);
  });
});
