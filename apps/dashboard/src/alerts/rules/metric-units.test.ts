import { ALERT_METRIC_NAMES } from '@booner/protocol/alert-metrics';
import { expect, test } from 'vitest';
import { metricName, metricOption, readValue, shownUnit, shownValue } from './metric-units.ts';

test('thresholds are written in the units that people use', () => {
  const percent = shownUnit('cpuUsageRatio', 'avg');
  expect([shownValue(0.9, percent), shownValue(0.07, percent), percent.sign]).toEqual(['90', '7', '%']);
  expect([readValue('90', percent), readValue(' 7,5 ', percent)]).toEqual([0.9, 0.075]);
  expect(readValue('2', shownUnit('memoryAvailableBytes', ''))).toBe(2 * 2 ** 30);
  expect(shownUnit('receivedBytesPerSecond', 'avg').sign).toBe('MB/s');
  expect(shownUnit('processesTotal', 'rate').sign).toBe('per second');
});

test('what is no number is not taken for one', () => {
  const unit = shownUnit('load1Minute', '');
  expect(['', ' ', 'a lot', '1e999'].map((text) => readValue(text, unit))).toEqual([null, null, null, null]);
});

test('every value survives being shown and read', () => {
  for (const metric of ALERT_METRIC_NAMES) {
    const unit = shownUnit(metric, 'avg');
    for (const value of [0.05, 0.87, 0.9, 0.97, 3, 1234.5]) {
      expect(readValue(shownValue(value, unit), unit)).toBeCloseTo(value, 9);
    }
  }
});

test('metrics have names of their own', () => {
  expect(metricName('cpuUsageRatio')).toBe('CPU usage');
  expect(metricName('load1Minute')).toBe('Load 1 minute');
  expect(metricName('gpuDevicePowerWatts')).toBe('GPU power');
  expect(metricOption('fileSystemUsageRatio')).toBe('File system usage, each (%)');
  const options = ALERT_METRIC_NAMES.map(metricOption);
  expect(options.filter((option, index) => options.indexOf(option) !== index)).toEqual([]);
});
