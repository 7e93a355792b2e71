import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually, startProcess } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { findControlGroups } from './cgroups.ts';
import { run } from './command.ts';
import { findNamespaces } from './network.ts';
import { startRealFleet } from './real-fleet.ts';
import { removeLeftovers } from './run-folder.ts';

const BOOT_DEADLINE_MS = 60_000;
/** Exit codes of curl. */
const REFUSED = 7;
const NO_ANSWER = 28;

describe('hosts with a real systemd', () => {
  it('boot, are cut off, powered off and booted again, and leave nothing behind', async () => {
    let name = '';
    let folder = '';
    {
      const startMs = performance.now();
      await using fleet = await startRealFleet({ targets: 2 });
      expect(performance.now() - startMs).toBeLessThan(BOOT_DEADLINE_MS);
      ({ name, folder } = fleet);
      const [first, second] = [fleet.targets[0]!, fleet.targets[1]!];
      expect(await first.exec(['hostname'])).toBe('target2\n');
      expect(await second.exec(['ip', '-brief', 'addr', 'show', 'host0'])).toMatch(/UP +10\.0\.0\.3\/24/);

      const ask = ['curl', '--silent', '--max-time', '1', `http://${first.host}:1/`];
      const answer = async () => (await second.tryExec(ask)).code;
      const answers = () => eventually(async () => (await answer()) === REFUSED, { what: 'an answer' });
      await answers();
      await fleet.network.partition(first.host);
      expect(await answer()).toBe(NO_ANSWER);
      await fleet.network.heal(first.host);
      await answers();

      await first.exec(['touch', '/root/kept']);
      const { initPid } = first;
      await first.powerOff();
      expect(await answer()).toBe(NO_ANSWER);
      await first.boot();
      await answers();
      expect(first.initPid).not.toBe(initPid);
      await first.exec(['test', '-e', '/root/kept']);
      await first.cutPower();
      await first.boot();
      expect(await first.exec(['systemctl', 'is-system-running'])).toBe('running\n');
    }
    expect(await tracesOf(name)).toEqual(NONE);
    await expect(access(folder)).rejects.toThrow('ENOENT');
  });

  it('end with the process that booted them, and the next run removes what they leave', async () => {
    const fleet = join(import.meta.dirname, 'real-fleet.ts');
    const program = `const { startRealFleet } = await import(${JSON.stringify(fleet)});
      const fleet = await startRealFleet({ targets: 1 });
      console.log(fleet.name);
      setInterval(() => {}, 1000);`;
    await using child = await startProcess({ command: process.execPath, args: ['-e', program] });
    const name = await eventually(() => child.lines.stdout[0], { deadlineMs: 60_000, what: 'a fleet' });
    expect((await tracesOf(name)).processes).not.toEqual([]);
    child.kill('SIGKILL');
    await child.exited;
    await eventually(async () => (await tracesOf(name)).processes.length === 0, {
      what: 'the hosts to end',
    });
    expect((await tracesOf(name)).namespaces).not.toEqual([]);
    await removeLeftovers();
    expect(await tracesOf(name)).toEqual(NONE);
  });
});

const NONE = { namespaces: [], groups: [], mounts: [], processes: [] };

/** Lists what a run has left on this machine, except for its files. */
async function tracesOf(name: string) {
  const begins = new RegExp(`^${name}(-|$)`);
  const linesWith = (text: string) =>
    text.split('\n').filter((line) => line.split(/[ /=]/).some((part) => begins.test(part)));
  return {
    namespaces: await findNamespaces(begins),
    groups: await findControlGroups(begins),
    mounts: linesWith(await readFile('/proc/self/mountinfo', 'utf8')),
    processes: linesWith(await run(['ps', '-eo', 'args'])),
  };
}
