import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeBundle } from './write-bundle.mjs';

/**
 * Code that runs in a process or thread of its own. It is expected beside the code that starts it,
 * under its own name.
 */
const STARTED_BESIDE = [
  {
    starter: 'packages/sampler/src/inventory/read-inventory.ts',
    started: 'packages/sampler/src/inventory/collect-main.ts',
  },
  { starter: 'packages/history/src/start-history.ts', started: 'packages/history/src/history-worker.ts' },
  {
    starter: 'apps/hub/src/remote-write/start-remote-write.ts',
    started: 'apps/hub/src/remote-write/remote-write-worker.ts',
  },
  {
    starter: 'apps/hub/src/alerts/rule-files/read-rule-files.ts',
    started: 'apps/hub/src/alerts/rule-files/rule-files-worker.ts',
  },
  {
    starter: 'apps/hub/src/alerts/trial/start-trial-thread.ts',
    started: 'apps/hub/src/alerts/trial/trial-worker.ts',
  },
];

/**
 * Bundles a program of this clone into `program.mjs` and chunks in `folder`, for use in this clone
 * alone: its code still finds files relative to its sources.
 */
export async function bundleFromClone({ root, source, folder }) {
  const plugins = [sourceLocations(root), englishOnly()];
  const bundle = (input, name) => writeBundle({ root, input, file: join(folder, name), plugins });
  const chunks = await bundle(source, 'program.mjs');
  const modules = new Set(chunks.flatMap(({ moduleIds }) => moduleIds));
  for (const { starter, started } of STARTED_BESIDE) {
    if (modules.has(join(root, starter)))
      await bundle(join(root, started), `${basename(started, '.ts')}.mjs`);
  }
}

const sourceLocations = (root) => ({
  name: 'source-locations',
  transform: (code, id) => {
    if (id.includes('node_modules') || !id.startsWith(root)) return null;
    if (STARTED_BESIDE.some(({ starter }) => id === join(root, starter))) return null;
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
