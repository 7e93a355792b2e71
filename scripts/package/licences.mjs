import { readdir, readFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';

const LICENCE_FILE = /^(licen[cs]e|copying|notice)(?![a-z])/i;

/**
 * Returns the text of LICENSES: a section per package and version with its licence files.
 * @throws Error when a package has no licence
 */
export async function licencesText({ packages, nodeLicence }) {
  const sections = new Map();
  for (const folder of packages) {
    const { name, version, license } = await readManifest(folder);
    if (name === undefined || name.startsWith('@booner/')) continue;
    sections.set(`${name} ${version}`, await licenceOf(folder, license));
  }
  sections.set('Node.js', await readFile(nodeLicence, 'utf8'));
  const texts = [...sections].sort(([a], [b]) => (a < b ? -1 : 1));
  return `${[
    'Booner itself: see LICENSE. It holds parts of the following, each under its own licence.',
    ...texts.map(([title, text]) => `${'='.repeat(80)}\n${title}\n${'='.repeat(80)}\n${text.trim()}`),
  ].join('\n\n')}\n`;
}

async function licenceOf(folder, license) {
  const files = (await readdir(folder)).filter((file) => LICENCE_FILE.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  if (texts.length > 0) return texts.join('\n\n');
  if (typeof license === 'string') return `${license} (the package says no more)`;
  throw new Error(`${folder} says nothing about its licence`);
}

/** Returns the folders of all runtime dependencies of the package in `folder`. */
export async function dependenciesOf(folder, found = new Set()) {
  const { dependencies = {} } = await readManifest(folder);
  for (const name of Object.keys(dependencies)) {
    const manifest = findPackageJSON(name, join(folder, 'package.json'));
    if (manifest === undefined || found.has(dirname(manifest))) continue;
    found.add(dirname(manifest));
    await dependenciesOf(dirname(manifest), found);
  }
  return found;
}

const readManifest = async (folder) => JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
