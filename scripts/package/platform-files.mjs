import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { extract } from 'tar';

/**
 * Returns the files that differ between architectures: the Node.js binary, pinned by the root's
 * manifest, and koffi's. npm installs those for this machine; others are downloaded once.
 */
export async function findPlatformFiles({ root, manifest, architecture }) {
  const koffi = JSON.parse(await readFile(join(root, 'node_modules/koffi/package.json'), 'utf8'));
  const nodeName = `node-linux-${architecture}`;
  const koffiName = `@koromix/koffi-linux-${architecture}`;
  const nodeFolder = await folderOf(root, nodeName, manifest.optionalDependencies[nodeName]);
  const koffiFolder = await folderOf(root, koffiName, koffi.optionalDependencies[koffiName]);
  return {
    node: join(nodeFolder, 'bin/node'),
    nodeLicence: join(nodeFolder, 'LICENSE'),
    koffi: join(koffiFolder, `linux_${architecture}/koffi.node`),
  };
}

async function folderOf(root, name, version) {
  const installed = join(root, 'node_modules', name);
  if (existsSync(installed) && (await versionIn(installed)) === version) return installed;
  const cached = join(
    root,
    'node_modules/.cache/booner-packages',
    `${name.replaceAll(/[@/]/g, '-')}-${version}`,
  );
  // Checks for the manifest, since cache cleaners leave empty folders behind.
  if (!existsSync(join(cached, 'package.json'))) await fetchPackage(`${name}@${version}`, cached);
  return cached;
}

const versionIn = async (folder) => JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')).version;

async function fetchPackage(specifier, folder) {
  process.stderr.write(`Fetching ${specifier} ...\n`);
  const coming = `${folder}.${process.pid}`;
  await mkdir(coming, { recursive: true });
  try {
    const args = ['pack', specifier, '--silent', '--ignore-scripts', '--pack-destination', coming];
    const { status, stdout, stderr } = spawnSync('npm', args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`npm pack ${specifier} failed: ${stderr}`);
    const file = join(coming, stdout.trim().split('\n').at(-1));
    await extract({ file, cwd: coming, strip: 1 });
    await rm(file);
    await rm(folder, { recursive: true, force: true });
    await rename(coming, folder);
  } catch (error) {
    await rm(coming, { recursive: true, force: true });
    throw error;
  }
}
