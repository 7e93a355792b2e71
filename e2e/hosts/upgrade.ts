import { readdir } from 'node:fs/promises';
import type { CommandResult } from './command.ts';
import type { FleetBed } from './fleet-bed.ts';

const UPGRADE_DEADLINE_MS = 240_000;

/** The version of the host package in a folder. */
export async function versionIn(folder: string): Promise<string> {
  const versions = (await readdir(folder)).map((name) => /^booner-host-(\d+\.\d+\.\d+)-/.exec(name)?.[1]);
  const version = versions.find((found) => found !== undefined);
  if (version === undefined) throw new Error(`no host package in ${folder}`);
  return version;
}

/** `booner ARGUMENTS` on the hub's host, with the token of an admin. */
export function booner({ fleet, token }: FleetBed, ...args: readonly string[]): Promise<CommandResult> {
  const env = { BOONER_TOKEN: token, BOONER_HUB: `http://${fleet.hub.host}:8000` };
  // With a home folder of its own: an uninstaller leaves a person's settings alone.
  const line = 'HOME=$(mktemp -d); export HOME; trap \'rm -r "$HOME"\' EXIT; booner "$@"';
  return fleet.hub.tryExec(['sh', '-c', line, 'sh', ...args], { env, deadlineMs: UPGRADE_DEADLINE_MS });
}
