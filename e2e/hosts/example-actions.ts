import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Rollout } from '@booner/protocol';
import { eventually } from '@booner/testkit';
import type { Desk } from './desk.ts';
import type { Machine } from './machine.ts';

const PRODUCTION = join(import.meta.dirname, '../../examples/actions.d/production');
const ACTIONS = 'etc/booner/actions.d';
const UNITS = 'etc/systemd/system';
const ROLLOUT_DEADLINE_MS = 240_000;

/** Installs a shipped action with these values in its `env`, as its head comment asks. */
export async function installExample(
  target: Machine,
  name: string,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  let text = await readFile(join(PRODUCTION, `${name}.yaml`), 'utf8');
  for (const [key, value] of Object.entries(env)) {
    const line = new RegExp(`^  ${key}: .*$`, 'm');
    if (!line.test(text)) throw new Error(`${name} has no setting ${key}`);
    text = text.replace(line, () => `  ${key}: ${JSON.stringify(value)}`);
  }
  const folder = join(target.folder, ACTIONS);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${name}.yaml`), text, { mode: 0o644 });
}

/** Waits until these hosts offer an action. */
export async function untilOffered(desk: Desk, hosts: readonly string[], action: string): Promise<void> {
  type Offers = { readonly runners: readonly { readonly host: string; readonly actions: string[] }[] };
  await eventually(
    async () => {
      const { runners } = await desk.get<Offers>('/runners');
      const offering = runners.filter(({ actions }) => actions.includes(action)).map(({ host }) => host);
      return hosts.every((host) => offering.includes(host));
    },
    { everyMs: 200, what: `${action} to be offered` },
  );
}

const WEB_UNIT = `[Service]
User=web
WorkingDirectory=/srv/web/current
ExecStart=/opt/booner/current/bin/node server.mjs
Restart=on-failure
RestartSec=1
`;

/** Sets up a host for web.deploy, up to the application, which is not deployed yet. */
export async function setUpWeb(target: Machine): Promise<void> {
  await target.shell(
    [
      'useradd --system --no-create-home --shell /usr/sbin/nologin web',
      'useradd --system --home-dir /srv/web --shell /usr/sbin/nologin web-deploy',
      'install -d -o web-deploy -g web-deploy /srv/web',
    ].join(' && '),
  );
  await writeFile(join(target.folder, UNITS, 'web.service'), WEB_UNIT);
  for (const unit of ['web-restart.path', 'web-restart.service']) {
    await copyFile(join(PRODUCTION, unit), join(target.folder, UNITS, unit));
  }
  await target.shell('systemctl daemon-reload && systemctl --quiet enable --now web-restart.path');
}

/** The web application. It reports the version that it was started with. */
const WEB_SERVER = `import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
const version = readFileSync('VERSION', 'utf8');
createServer((request, response) => response.end(version)).listen(8080);
`;
/** From v2 on, the application needs a file of settings. */
const NEEDS_SETTINGS = `import { accessSync } from 'node:fs';
accessSync('/etc/web-settings');
`;

/** Serves a repository with the tags v1 and v2 from a host. @returns its address */
export async function serveWebRepository(machine: Machine): Promise<string> {
  const folder = join(machine.folder, 'srv/git/web');
  await mkdir(folder, { recursive: true });
  const git = 'git -C /srv/git/web -c user.name=Test -c user.email=test@example.org';
  await machine.shell(`${git} init --quiet --initial-branch=main`);
  await writeFile(join(folder, 'main.mjs'), WEB_SERVER);
  await writeFile(join(folder, 'build'), '#!/bin/sh\nset -eu\ncp main.mjs server.mjs\n', { mode: 0o755 });
  await machine.shell(`${git} add . && ${git} commit --quiet --message=v1 && ${git} tag v1`);
  await writeFile(join(folder, 'settings.mjs'), NEEDS_SETTINGS);
  const build = '#!/bin/sh\nset -eu\ncat settings.mjs main.mjs > server.mjs\n';
  await writeFile(join(folder, 'build'), build);
  await machine.shell(`${git} add . && ${git} commit --quiet --message=v2 && ${git} tag v2`);
  await machine.shell(
    'systemd-run --quiet --unit=git-daemon git daemon --reuseaddr --base-path=/srv/git --export-all',
  );
  return `git://${machine.host}/web`;
}

/** Starts a rollout or a rollback, and returns its id. */
export async function startRollout(desk: Desk, path: string, body: object): Promise<string> {
  return (await desk.post<{ rollout_id: string }>(path, body)).rollout_id;
}

/** Waits until a rollout has ended with all of its tasks. */
export function untilRolloutEnded(desk: Desk, id: string): Promise<Rollout> {
  return eventually(
    async () => {
      const rollout = await desk.get<Rollout>(`/rollouts/${id}`);
      return rollout.endedAtMs === null ? null : rollout;
    },
    { deadlineMs: ROLLOUT_DEADLINE_MS, everyMs: 200, what: `the rollout ${id} to end` },
  );
}

/** A release of the game `chess`. */
export type GameRelease = {
  readonly version: string;
  /** Lines of a shell: the server. */
  readonly server: string;
  /** Commands of a shell that change the files before they are packed. */
  readonly change?: string;
  /** What is packed, as arguments of tar. */
  readonly members?: string;
};

/** Puts a release on a host, where game.deploy finds it, and lists its checksum. */
export async function publishGame(target: Machine, release: GameRelease): Promise<void> {
  const { version, server, change = 'true', members = '*' } = release;
  const archive = `chess_${version}.tar.gz`;
  await target.shell('rm -rf /srv/build && mkdir -p /srv/build /srv/archives /srv/game');
  await writeFile(join(target.folder, 'srv/build/server'), `#!/bin/sh\n${server}\n`, { mode: 0o755 });
  await target.shell(
    [
      `cd /srv/build && ${change}`,
      `tar --create --gzip --absolute-names --file /srv/archives/${archive} ${members}`,
      `cd /srv/archives && sha256sum ${archive} >> /srv/game/SHA256SUMS`,
    ].join(' && '),
  );
}

/**
 * Installs version 1.0 of a package, and offers version 1.1 in an archive on the host that is the
 * only source of apt. The newer one asks for a restart of the host.
 */
export async function offerPackageUpdate(target: Machine): Promise<void> {
  const build = (version: string, script: string) =>
    [
      `mkdir -p /srv/apt/probe/DEBIAN && cd /srv/apt`,
      `printf 'Package: probe\\nVersion: ${version}\\nArchitecture: all\\nMaintainer: Test <test@example.org>\\nDescription: test\\n' > probe/DEBIAN/control`,
      `printf '#!/bin/sh\\n${script}\\n' > probe/DEBIAN/postinst && chmod 755 probe/DEBIAN/postinst`,
      `dpkg-deb --build --root-owner-group probe probe_${version}_all.deb`,
    ].join(' && ');
  await target.shell(`${build('1.0', 'true')} && dpkg -i probe_1.0_all.deb`);
  await target.shell(build('1.1', 'touch /run/reboot-required'));
  await target.shell(
    [
      'cd /srv/apt && rm -r probe probe_1.0_all.deb',
      '{ dpkg-deb -f probe_1.1_all.deb; echo "Filename: ./probe_1.1_all.deb"; echo "Size: $(stat -c %s probe_1.1_all.deb)"; echo "SHA256: $(sha256sum < probe_1.1_all.deb | cut -d " " -f 1)"; } > Packages',
      'rm -f /etc/apt/sources.list.d/*',
      'echo "deb [trusted=yes] file:/srv/apt ./" > /etc/apt/sources.list',
    ].join(' && '),
  );
}
