import { rolldown } from 'rolldown';

/** Modules that ws uses when they are installed. */
const OPTIONAL = ['bufferutil', 'utf-8-validate'];

/**
 * Bundles a program and all that it imports into one file.
 * @returns Rolldown's output: one chunk
 */
export async function writeBundle({ root, input, file, plugins, minify }) {
  await using build = await rolldown({
    input,
    cwd: root,
    platform: 'node',
    external: OPTIONAL,
    checks: { bundlerTimings: false }, // a busy machine is not an issue of the code
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
    plugins,
    onLog: (level, log, report) => {
      if (level === 'warn' && /node_modules/.test(`${log.id ?? ''}${log.message}`)) return;
      report(level === 'warn' ? 'error' : level, log); // a warning about our own code stops the build
    },
  });
  const { output } = await build.write({
    file,
    format: 'esm',
    codeSplitting: false,
    charset: 'ascii', // one letter beyond Latin-1 makes V8 keep the whole text in two bytes a letter
    minify,
    comments: { legal: false, annotation: false, jsdoc: false },
  });
  return output;
}
