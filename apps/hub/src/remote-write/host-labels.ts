import type { HostId, Labels } from '@booner/protocol';

/** Labels that series have of their own, or that stores reserve. */
const RESERVED = new Set([
  ...['instance', 'job', 'cpu', 'device', 'fstype', 'mountpoint', 'chip', 'sensor', 'resource'],
  ...['stalled', 'window', 'gpu', 'model', 'vendor', 'le', 'quantile'],
]);

/**
 * Returns the labels that all series of a host have. Those that operators set are among them, since
 * nobody who stole an agent's key can change these. Names of labels in Prometheus have no dots and
 * hyphens, which become underscores. A name that is taken gets the prefix `label_`. Of two keys
 * that become one name, the first in alphabetical order is kept.
 */
export function hostLabels(host: HostId, operatorLabels: Labels): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  for (const key of Object.keys(operatorLabels).sort()) {
    const plain = key.replace(/[.-]/g, '_');
    const name = RESERVED.has(plain) ? `label_${plain}` : plain;
    const value = operatorLabels[key] ?? '';
    // An empty value is the same as no label.
    if (value !== '' && !Object.hasOwn(labels, name)) labels[name] = value;
  }
  return { ...labels, instance: host, job: 'booner' };
}
