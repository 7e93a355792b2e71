import { existsSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { writeBundle } from '../write-bundle.mjs';

/**
 * Bundles and their entry points. The inventory's collector is a separate process, so that its
 * modules are never loaded in the agent; the hub's history, remote write, and files and trials of
 * alert rules have threads of their own.
 */
const HOST_PROGRAMS = {
  'booner-agent.mjs': 'apps/agent/src/main.ts',
  'booner-runner.mjs': 'apps/runner/src/main.ts',
  'booner-launcher.mjs': 'apps/runner/src/launcher/main.ts',
  'booner.mjs': 'apps/cli/src/main.ts',
  'collect-main.mjs': 'packages/sampler/src/inventory/collect-main.ts',
};
const HUB_PROGRAMS = {
  'booner-hub.mjs': 'apps/hub/src/main.ts',
  'history-worker.mjs': 'packages/history/src/history-worker.ts',
  'remote-write-worker.mjs': 'apps/hub/src/remote-write/remote-write-worker.ts',
  'rule-files-worker.mjs': 'apps/hub/src/alerts/rule-files/rule-files-worker.ts',
  'trial-worker.mjs': 'apps/hub/src/alerts/trial/trial-worker.ts',
};

/** Modules that a production package for Linux does not need, and their replacements. */
const LEFT_OUT = [
  {
    // systeminformation as the source of samples, a third of the agent's code
    module: /[/\\]portable-sensors\.ts$/,
    instead: `export const createPortableSensors = () => { throw new Error('this package is for Linux'); };`,
  },
  // Messages in 50 languages other than English.
  { module: /[/\\]zod[/\\]v4[/\\]locales[/\\]index\.js$/, instead: 'export {};' },
  { module: /[/\\]ink[/\\]build[/\\]devtools\.js$/, instead: 'export {};' }, // with DEV=true alone
];
/**
 * Bundles each program into a file in `directory`, with chunks beside it.
 * @returns for `host` and `hub`, the files and the folders of all packages in them
 */
export async function bundlePrograms({ root, directory, version }) {
  const bundleAll = async (programs) => {
    const files = new Set();
    const packages = new Set();
    for (const [file, source] of Object.entries(programs)) {
      const input = join(root, source);
      if (!existsSync(input)) continue;
      const output = await bundle({ root, input, file: join(directory, file), version });
      for (const { fileName, moduleIds } of output) {
        files.add(join(directory, fileName));
        for (const module of moduleIds) packages.add(packageFolder(module));
      }
    }
    packages.delete(null);
    return { files: [...files], packages: [...packages] };
  };
  return { host: await bundleAll(HOST_PROGRAMS), hub: await bundleAll(HUB_PROGRAMS) };
}

async function bundle({ root, input, file, version }) {
  const output = await writeBundle({
    root,
    input,
    file,
    plugins: [leaveOut(), luaTexts(root), versionOf(root, version)],
    // Keeps names and lines for stack traces in logs, which costs the agent 0.3 MiB.
    minify: { mangle: false, compress: true, codegen: { removeWhitespace: false } },
  });
  const chunks = output.map(({ fileName }) => fileName);
  const missing = output
    .flatMap(({ imports }) => imports)
    .filter((name) => !isBuiltin(name) && !chunks.includes(name));
  if (missing.length > 0) throw new Error(`${file} would look for ${missing.join(', ')}, which is not in it`);
  return output;
}

const leaveOut = () => ({
  name: 'leave-out',
  load: (id) => LEFT_OUT.find(({ module }) => module.test(id))?.instead ?? null,
});

/** Puts the texts of the Lua scripts in place of the module that reads their files. */
const luaTexts = (root) => ({
  name: 'lua-texts',
  load: async (id) => {
    const folder = join(root, 'packages/bus/src/redis');
    if (id !== join(folder, 'connection/lua-text.ts')) return null;
    const texts = {};
    for await (const path of glob('**/*.lua', { cwd: folder })) {
      texts[path.replaceAll('\\', '/').replace(/\.lua$/, '')] = await readFile(join(folder, path), 'utf8');
    }
    return `const TEXTS = ${JSON.stringify(texts)}; export const luaText = (path) => TEXTS[path];`;
  },
});

/** Gives the programs the version of their package. */
const versionOf = (root, version) => ({
  name: 'version',
  load: (id) =>
    id.startsWith(join(root, 'apps')) && id.endsWith('package.json') ? JSON.stringify({ version }) : null,
});

/** Returns the folder of the dependency that a module belongs to, or `null` for our own code. */
function packageFolder(module) {
  return (
    /^(.*[/\\]node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+)[/\\]/.exec(module.replace(/^\0/, ''))?.[1] ?? null
  );
}
