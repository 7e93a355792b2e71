import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { detectVirtualization, type SystemFacts, type VirtualizationSources } from './virtualization.ts';

const FIXTURES = join(import.meta.dirname, '__fixtures__');
const PHYSICAL: SystemFacts = { virtual: false, model: 'PowerEdge R730' };
const IN_DOCKER: SystemFacts = { virtual: false, model: 'Docker Container' };
const IN_DOCKER_ON_KVM: SystemFacts = { virtual: true, virtualHost: 'KVM', model: 'Docker Container' };

/** Makes a root folder whose /proc has this file of the fixtures. */
async function makeRoot(cpuInfo = 'cpuinfo-two-sockets.txt'): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'virtualization-'));
  onTestFinished(() => rm(root, { recursive: true }));
  await mkdir(join(root, 'proc'));
  await cp(join(FIXTURES, cpuInfo), join(root, 'proc/cpuinfo'));
  return root;
}

const detect = async (facts: SystemFacts, more: Omit<VirtualizationSources, 'readSystem'> = {}) =>
  detectVirtualization({
    readSystem: async () => facts,
    askSystemd: async () => null,
    root: await makeRoot(),
    ...more,
  });

describe('the virtualization of a machine', () => {
  it("is systemd's word where systemd is", async () => {
    expect(await detect(PHYSICAL, { askSystemd: async () => 'kvm' })).toBe('kvm');
    expect(await detect(IN_DOCKER, { askSystemd: async () => 'none' })).toBeNull();
  });

  it('is what systeminformation knows elsewhere', async () => {
    expect(await detect(PHYSICAL)).toBeNull();
    expect(await detect(IN_DOCKER)).toBe('docker');
    expect(await detect({ virtual: true, virtualHost: 'VMware', model: 'VMware7,1' })).toBe('vmware');
    expect(await detect({ virtual: true, model: 'Virtual Machine' })).toBe('virtual machine');
    expect(await detect({ virtual: true, model: 'WSL' })).toBe('wsl');
  });

  it('is a virtual machine if only the processor says so', async () => {
    const root = await makeRoot('cpuinfo-virtual-machine.txt');
    expect(await detect({ virtual: false, model: 'Google Compute Engine' }, { root })).toBe(
      'virtual machine',
    );
  });
});

describe('the virtualization of a host that is measured from a container', () => {
  it("is the host's own, not that container", async () => {
    const hostRoot = await makeRoot();
    expect(await detect(IN_DOCKER, { hostRoot })).toBeNull();
    expect(await detect(IN_DOCKER_ON_KVM, { hostRoot })).toBe('kvm');
    const root = await makeRoot('cpuinfo-virtual-machine.txt');
    expect(await detect(IN_DOCKER, { hostRoot, root })).toBe('virtual machine');
    const askSystemd = async (options: readonly string[]) => (options.includes('--vm') ? 'xen' : 'docker');
    expect(await detect(IN_DOCKER, { hostRoot, askSystemd })).toBe('xen');
  });

  it('is the container that the host is in, if there is one', async () => {
    const hostRoot = await makeRoot();
    await mkdir(join(hostRoot, 'run/systemd'), { recursive: true });
    await writeFile(join(hostRoot, 'run/systemd/container'), 'lxc\n');
    expect(await detect(IN_DOCKER_ON_KVM, { hostRoot })).toBe('lxc');
  });
});
