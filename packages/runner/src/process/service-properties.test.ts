import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Confinement } from '../catalogue/confinement.ts';
import { serviceProperties } from './service-properties.ts';

const DIRECTORY = '/run/booner/tasks/booner-task-x';
const confinements: fc.Arbitrary<Confinement> = fc.record({
  sandbox: fc.constantFrom('strict', 'standard', 'none'),
  network: fc.boolean(),
  writablePaths: fc.array(fc.constantFrom('/srv/game', '/var/lib/my data', '/opt/$x/%n'), { maxLength: 3 }),
  memoryMax: fc.option(fc.constantFrom('64M', '2G')),
  cpuQuota: fc.option(fc.constantFrom('50%', '200%')),
});
const of = (confinement: Confinement) => {
  const properties = serviceProperties(confinement, DIRECTORY);
  return { properties, values: new Map(properties.map((each) => each.split(/=(.*)/s) as [string, string])) };
};

it('sets each property once, on one line, and always leaves the end of processes to the runner', () => {
  fc.assert(
    fc.property(confinements, (confinement) => {
      const { properties, values } = of(confinement);
      expect(values.size).toBe(properties.length);
      for (const property of properties) expect(property).toMatch(/^[A-Za-z]+=\S[^\n]*$/);
      expect(values.get('KillMode')).toBe('process');
      expect(values.get('IgnoreSIGPIPE')).toBe('no');
    }),
  );
});

it('lets no process of a sandbox gain privileges or write system files, and keeps its directory writable', () => {
  fc.assert(
    fc.property(confinements, (confinement) => {
      const { values } = of(confinement);
      const isSandboxed = confinement.sandbox !== 'none';
      expect(values.has('NoNewPrivileges')).toBe(isSandboxed);
      expect(values.has('PrivateTmp')).toBe(isSandboxed);
      expect(values.get('BindPaths')).toBe(isSandboxed ? `"${DIRECTORY}"` : undefined);
      expect(values.get('ProtectSystem')).toBe(
        { none: undefined, standard: 'full', strict: 'strict' }[confinement.sandbox],
      );
    }),
  );
});

it('takes the network away in a strict sandbox alone, unless the file names it', () => {
  fc.assert(
    fc.property(confinements, (confinement) => {
      const isTaken = confinement.sandbox === 'strict' && !confinement.network;
      expect(of(confinement).values.has('PrivateNetwork')).toBe(isTaken);
    }),
  );
});

it('hides in a strict sandbox what would start something outside it, from root as well', () => {
  fc.assert(
    fc.property(confinements, (confinement) => {
      const hidden = of(confinement).values.get('InaccessiblePaths')?.split(' ') ?? [];
      for (const path of ['-/run/systemd/private', '-/run/dbus/system_bus_socket', '-/run/booner-launcher']) {
        expect(hidden.includes(path)).toBe(confinement.sandbox === 'strict');
      }
    }),
  );
});

it('passes on limits, and has the kernel end all processes together at the limit of memory', () => {
  fc.assert(
    fc.property(confinements, (confinement) => {
      const { values } = of(confinement);
      expect(values.get('MemoryMax') ?? null).toBe(confinement.memoryMax);
      expect(values.get('CPUQuota') ?? null).toBe(confinement.cpuQuota);
      expect(values.get('OOMPolicy')).toBe(confinement.memoryMax === null ? 'continue' : 'kill');
    }),
  );
});
