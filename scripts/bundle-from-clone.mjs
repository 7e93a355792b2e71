import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeBundle } from './write-bundle.mjs';

/** Runs in a process of its own, and is expected beside the code that starts it. */
const COLLECTOR = 'packages/sampler/src/inventory/collect-main.ts';
const STARTS_COLLECTOR = 'packages/sampler/src/inventory/read-inventory.ts';

/**
 * Bundles a program of this clone into `program.mjs` in `folder`, for use in this clone alone: its
 * code still finds files relative to its sources.
 */
export async function bundleFromClone({ root, source, folder }) {
  const plugins = [sourceLocations(root), englishOnly()];
  const bundle = (input, name) => writeBundle({ root, input, file: join(folder, name), plugins });
  const [program] = await bundle(source, 'program.mjs');
  if (program.moduleIds.includes(join(root, STARTS_COLLECTOR)))
    await bundle(join(root, COLLECTOR), 'collect-main.mjs');
}

const sourceLocations = (root) => ({
  name: 'source-locations',
  transform: (code, id) => {
    if (id.includes('node_modules') || !id.startsWith(root) || id === join(root, STARTS_COLLECTOR))
      return null;
    const locations = { dirname: dirname(id), filename: id, url: pathToFileURL(id).href };
    return code.replace(/\bimport\.meta\.(dirname|filename|url)\b/g, (_, name) =>
      JSON.stringify(locations[name]),
    );
  },
});

/** Leaves out zod's messages in 50 other languages. */
const englishOnly = () => ({
  name: 'english-only',
  load: (id) => (id.endsWith(join('zod', 'v4', 'locales', 'index.js')) ? 'export {};' : null),
});
