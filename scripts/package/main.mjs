// Builds what is installed on machines, for each architecture: a tarball for hosts with each
// program as one bundled file and the Node.js that runs them, and a tarball for the hub's machine
// with the hub, its dashboard and the host packages as well. Reproducible: the same sources and
// installed dependencies give the same bytes. Beside them, `install.sh` and SHA256SUMS, and with
// --sign a signature (docs/releasing.md).
//   npm run package -- [--sign KEY] [--trust PUBLIC_KEYS]
//     [--arch x64,arm64] [--kind host,hub] [--out dist/packages] [--version 0.1.0]
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { packDirectory } from './archive.mjs';
import { bundlePrograms } from './bundle.mjs';
import { findPlatformFiles } from './platform-files.mjs';
import { publicPem, readPrivateKey, readPublicKeys, removeRelease, writeRelease } from './release.mjs';
import { stageHost, stageHub } from './stage.mjs';

const root = join(import.meta.dirname, '../..');
const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
const { values } = parseArgs({
  options: {
    arch: { type: 'string', default: 'x64,arm64' },
    kind: { type: 'string', default: 'host,hub' },
    out: { type: 'string', default: join(root, 'dist/packages') },
    version: { type: 'string', default: manifest.version },
    sign: { type: 'string' },
    trust: { type: 'string' },
  },
});
const architectures = listOf('arch', ['x64', 'arm64']);
const kinds = listOf('kind', ['host', 'hub']);
const { version } = values;
if (!/^\d+\.\d+\.\d+(-[0-9a-z.]+)?$/.test(version)) throw new Error(`--version: ${version} is no version`);
const out = resolve(values.out);
const key = values.sign === undefined ? null : await readPrivateKey(values.sign);
const keys =
  values.trust !== undefined ? await readPublicKeys(values.trust) : key === null ? null : publicPem(key);

const staging = await mkdtemp(join(tmpdir(), 'booner-package-'));
try {
  const bundles = await bundlePrograms({ root, directory: join(staging, 'bundles'), version });
  const hosts = [];
  for (const architecture of architectures) {
    const platform = await findPlatformFiles({ root, manifest, architecture });
    const directory = join(staging, `booner-host-${version}-linux-${architecture}`);
    await stageHost({ root, directory, version, bundles, platform, keys });
    hosts.push({ directory, platform });
  }
  await mkdir(out, { recursive: true });
  await removeRelease(out);
  // In parallel, since most of the time goes into compressing Node.js.
  await Promise.all(hosts.map(({ directory }) => packDirectory(directory, out)));
  if (kinds.includes('hub')) {
    const hubs = hosts.map(async ({ directory: host, platform }) => {
      const directory = host.replace('booner-host-', 'booner-hub-');
      await cp(host, directory, { recursive: true });
      await stageHub({ root, directory, bundles, platform, packages: out });
      return directory;
    });
    const directories = await Promise.all(hubs);
    await Promise.all(directories.map((directory) => packDirectory(directory, out)));
  }
  const template = await readFile(join(root, 'deploy/install.sh'), 'utf8');
  await writeRelease({ out, template, version, key });
  process.stdout.write(await readFile(join(out, 'SHA256SUMS'), 'utf8'));
  if (key === null) {
    const next =
      keys === null
        ? 'These packages are not signed. To sign them, see docs/releasing.md.'
        : 'Now sign SHA256SUMS: openssl pkeyutl -sign -rawin -inkey KEY -in SHA256SUMS -out SHA256SUMS.sig';
    process.stderr.write(`${next}\n`);
  }
} finally {
  await rm(staging, { recursive: true });
}

function listOf(option, known) {
  const words = values[option].split(',');
  const unknown = words.filter((word) => !known.includes(word));
  if (unknown.length > 0)
    throw new Error(`--${option}: ${unknown.join(', ')}; there are ${known.join(', ')}`);
  return words;
}
