import { createMemoryBus } from '@booner/bus/memory';
import { expect, it } from 'vitest';
import { DB, openAlert, startTestAlertHub } from '../testing/test-alert-hub.ts';
import { alertMetrics } from './alert-metrics.ts';

it('counts alerts by severity and rules by source, once they are known', async () => {
  await using hub = await startTestAlertHub(createMemoryBus());
  const { board, settings, stream } = hub;
  const read = () =>
    Object.fromEntries(
      alertMetrics({ board, settings, stream })
        .filter((metric) => metric.type === 'gauge' && metric.label !== undefined)
        .map((metric) => [(metric as { name: string }).name, (metric as { read(): unknown }).read()]),
    );
  expect(read().booner_hub_alert_rules).toEqual([]);
  await settings.read();
  await openAlert(hub.bus, DB);
  await expect.poll(() => board.open().length).toBe(1);
  expect(read()).toEqual({
    booner_hub_alerts: [
      ['warn', 0],
      ['crit', 1],
    ],
    booner_hub_alert_rules: [
      ['stock', settings.rules().length],
      ['stored', 0],
      ['file', 0],
    ],
  });
});
