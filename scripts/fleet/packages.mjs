import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { arch } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { extract } from 'tar';
import { packDirectory } from '../package/archive.mjs';
import { writeRelease } from '../package/release.mjs';

/** Replaces the agent. It starts, and ends before it is ready. */
const BROKEN_AGENT = `console.error('this version does not start');\nprocess.exit(1);\n`;

/**
 * Builds what the tests install, signed with one key. `first/` holds the packages of this version.
 * Unless the run is short, `next/` holds those of the next minor version, and `broken/` a host
 * package of the version after that, whose agent does not start.
 */
export async function makePackages({ root, out, isShort }) {
  const { privateKey: key } = generateKeyPairSync('ed25519');
  const keyFile = join(out, 'release.key');
  await mkdir(out, { recursive: true });
  await writeFile(keyFile, key.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  pack(root, ['--sign', keyFile, '--out', join(out, 'first')]);
  if (isShort) return;
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const [major, minor] = version.split('.').map(Number);
  const [next, broken] = [`${major}.${minor + 1}.0`, `${major}.${minor + 2}.0`];
  pack(root, ['--sign', keyFile, '--out', join(out, 'next'), '--version', next]);
  await breakPackage({
    root,
    from: join(out, 'next'),
    to: join(out, 'broken'),
    version: next,
    broken,
    key,
  });
}

/** Makes a host package with another version's number and an agent that does not start. */
async function breakPackage({ root, from, to, version, broken, key }) {
  const archive = (await readdir(from)).find((file) => file.startsWith('booner-host-'));
  await mkdir(to);
  await extract({ file: join(from, archive), cwd: to });
  const unpacked = join(to, archive.replace('.tar.gz', ''));
  const folder = unpacked.replace(version, broken);
  await rename(unpacked, folder);
  await writeFile(join(folder, 'booner-agent.mjs'), BROKEN_AGENT);
  for (const file of ['VERSION', 'install.sh']) {
    const text = await readFile(join(folder, file), 'utf8');
    await writeFile(join(folder, file), text.replaceAll(version, broken));
  }
  await packDirectory(folder, to);
  await rm(folder, { recursive: true });
  const template = await readFile(join(root, 'deploy/install.sh'), 'utf8');
  await writeRelease({ out: to, template, version: broken, key });
}

function pack(root, args) {
  const program = join(root, 'scripts/package/main.mjs');
  const own = arch() === 'arm64' ? 'arm64' : 'x64';
  const { status, stderr } = spawnSync(process.execPath, [program, '--arch', own, ...args], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`cannot make the packages:\n${stderr}`);
}
