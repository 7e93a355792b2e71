import { join } from 'node:path';
import { expect, it } from 'vitest';
import { countPhysicalCores, parseDistribution, readDistribution, readNominalClock } from './linux-facts.ts';

const host = (name: string) => join(import.meta.dirname, '__fixtures__', name);

it('counts the cores of all sockets, whatever name the kernel gives the list of siblings', async () => {
  expect(await countPhysicalCores(host('two-sockets'))).toBe(4);
  expect(await countPhysicalCores(host('raspberry-pi-4'))).toBe(4);
  expect(await countPhysicalCores(host('old-kernel'))).toBe(2);
  expect(await countPhysicalCores(host('no-such-host'))).toBeNull();
});

it('reads the nominal clock, and never a boost for it', async () => {
  expect(await readNominalClock(host('two-sockets'))).toBe(2.4);
  expect(await readNominalClock(host('amd-cppc'))).toBe(3.4);
  expect(await readNominalClock(host('raspberry-pi-4'))).toBe(1.5);
  expect(await readNominalClock(host('old-kernel'))).toBeNull();
  expect(await readNominalClock(host('no-such-host'))).toBeNull();
});

it('names the distribution', async () => {
  expect(await readDistribution(host('two-sockets'))).toBe('Debian GNU/Linux 12 (bookworm)');
  expect(await readDistribution(host('old-kernel'))).toBe('CentOS Linux');
  expect(await readDistribution(host('no-such-host'))).toBeNull();
});

it('takes the quotes and escapes of os-release off', () => {
  expect(parseDistribution('PRETTY_NAME="A \\"quoted\\" name"')).toBe('A "quoted" name');
  expect(parseDistribution('NAME=Alpine')).toBe('Alpine');
  expect(parseDistribution('PRETTY_NAME=""\nNAME=""')).toBeNull();
});
