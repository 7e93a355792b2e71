import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { dependenciesOf, licencesText } from './licences.mjs';
import { installerText } from './release.mjs';

const EXECUTABLE = 0o755;

/**
 * Lays out a host's files as in `/opt/booner/versions/<version>`.
 * @param keys public keys in PEM that sign later packages, or `null`
 */
export async function stageHost({ root, directory, version, bundles, platform, keys }) {
  await mkdir(join(directory, 'bin'), { recursive: true });
  await cp(platform.node, join(directory, 'bin/node'));
  await cp(platform.koffi, join(directory, 'koffi.node'));
  await copyInto(directory, bundles.host.files);
  await addLaunchers({ root, directory }, bundles.host.files);
  await cp(join(root, 'deploy/systemd'), join(directory, 'systemd'), { recursive: true });
  await cp(join(root, 'deploy/actions'), join(directory, 'actions'), { recursive: true });
  await cp(join(root, 'LICENSE'), join(directory, 'LICENSE'));
  const template = await readFile(join(root, 'deploy/install.sh'), 'utf8');
  await writeFile(join(directory, 'install.sh'), installerText({ template, version }), {
    mode: EXECUTABLE,
  });
  if (keys !== null) await writeFile(join(directory, 'release-keys.pem'), keys);
  await cp(join(root, 'deploy/upgrade'), join(directory, 'upgrade'));
  await writeFile(join(directory, 'VERSION'), `${version}\n`);
  await writeFile(
    join(directory, 'LICENSES'),
    await licencesText({ packages: hostPackages(root, bundles), ...platform }),
  );
}

/**
 * Adds what the hub needs. `packages` is a folder of host packages only, which the hub serves. The
 * installer adds their checksums, which also cover the hub's package.
 */
export async function stageHub({ root, directory, bundles, platform, packages }) {
  const dashboard = join(root, 'apps/dashboard');
  if (!existsSync(join(dashboard, 'dist/index.html'))) {
    throw new Error('The dashboard is not built: npm run package builds it first.');
  }
  await copyInto(directory, bundles.hub.files);
  await addLaunchers({ root, directory }, bundles.hub.files);
  await cp(join(dashboard, 'dist'), join(directory, 'dashboard'), {
    recursive: true,
    filter: (path) => basename(path) !== '.stamp',
  });
  await cp(join(root, 'examples/actions.d'), join(directory, 'examples'), { recursive: true });
  const swagger = join(root, 'node_modules/swagger-ui-dist');
  await mkdir(join(directory, 'swagger-ui'));
  await copyInto(join(directory, 'swagger-ui'), [
    join(swagger, 'swagger-ui.css'),
    join(swagger, 'swagger-ui-bundle.js'),
  ]);
  await cp(packages, join(directory, 'packages'), { recursive: true });
  const used = [
    ...hostPackages(root, bundles),
    ...bundles.hub.packages,
    swagger,
    ...(await dependenciesOf(dashboard)),
  ];
  await writeFile(join(directory, 'LICENSES'), await licencesText({ packages: used, ...platform }));
}

const hostPackages = (root, bundles) => [...bundles.host.packages, join(root, 'node_modules/koffi')];

/** Writes `bin/booner-agent` and others for people. Services run Node.js directly. */
async function addLaunchers({ root, directory }, files) {
  for (const file of files) {
    const name = basename(file, '.mjs');
    if (name.startsWith('booner')) await cp(join(root, 'deploy/launcher'), join(directory, 'bin', name));
  }
}

async function copyInto(directory, files) {
  for (const file of files) await cp(file, join(directory, basename(file)));
}
