import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cpuModelName, parseCpuInfo } from './cpu-facts.ts';

const recorded = (name: string) => readFileSync(join(import.meta.dirname, '__fixtures__', name), 'utf8');

describe('cpuModelName', () => {
  it.each([
    ['Intel(R) Core(TM) i7-10700K CPU @ 3.80GHz', 'Intel(R) Core(TM) i7-10700K'],
    ['Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz', 'Intel(R) Xeon(R) CPU E5-2680 v4'],
    ['12th Gen Intel(R) Core(TM) i7-12700K', '12th Gen Intel(R) Core(TM) i7-12700K'],
    ['AMD Ryzen 9 5950X 16-Core Processor            ', 'AMD Ryzen 9 5950X 16-Core Processor'],
    ['Intel(R)  Pentium(R)   4 CPU 3.00GHz', 'Intel(R) Pentium(R) 4 CPU 3.00GHz'],
    ['unknown', null],
    ['', null],
  ])('reads %j as %j', (text, name) => {
    expect(cpuModelName(text)).toBe(name);
  });
});

describe('parseCpuInfo', () => {
  it('counts the cores of each socket, once for both threads', () => {
    expect(parseCpuInfo(recorded('cpuinfo-two-sockets.txt'))).toEqual({
      model: 'Intel(R) Xeon(R) CPU E5-2680 v4',
      physicalCores: 4,
      logicalCores: 8,
      clockGigahertz: 2.4,
    });
  });

  it("takes a virtual machine's unchanging clock for the nominal one", () => {
    expect(parseCpuInfo(recorded('cpuinfo-virtual-machine.txt'))).toEqual({
      model: 'AMD EPYC',
      physicalCores: 2,
      logicalCores: 2,
      clockGigahertz: 2.6,
    });
  });

  it('returns null for what an Arm kernel does not report', () => {
    expect(parseCpuInfo(recorded('cpuinfo-raspberry-pi-4.txt'))).toEqual({
      model: null,
      physicalCores: null,
      logicalCores: 4,
      clockGigahertz: null,
    });
  });

  it('finds no CPU in an empty file', () => {
    expect(parseCpuInfo('')).toBeNull();
  });
});
