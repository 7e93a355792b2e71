import { basename, dirname } from 'node:path';
import { rolldown } from 'rolldown';

/** Optional dependencies of ws. */
const OPTIONAL = ['bufferutil', 'utf-8-validate'];

/**
 * Bundles a program and all that it imports into `file`. What it imports on demand goes into chunks
 * beside it, which take no memory until they are needed: a hub without e-mail has no mail client.
 * @returns Rolldown's output, the program first
 */
export async function writeBundle({ root, input, file, plugins, minify }) {
  const build = await rolldown({
    input,
    cwd: root,
    platform: 'node',
    external: OPTIONAL,
    checks: { bundlerTimings: false }, // would warn on a busy machine
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
    plugins,
    onLog: (level, log, report) => {
      if (level === 'warn' && /node_modules/.test(`${log.id ?? ''}${log.message}`)) return;
      report(level === 'warn' ? 'error' : level, log); // a warning about our own code stops the build
    },
  });
  try {
    const { output } = await build.write({
      dir: dirname(file),
      entryFileNames: basename(file),
      chunkFileNames: 'chunk-[name]-[hash].mjs',
      format: 'esm',
      charset: 'ascii', // one character beyond Latin-1 makes V8 store the whole source as UTF-16
      minify,
      comments: { legal: false, annotation: false, jsdoc: false },
    });
    return output;
  } finally {
    await build.close();
  }
}
