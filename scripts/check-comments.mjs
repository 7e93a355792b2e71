// Fails if a comment is wider than 100 columns: the formatter wraps code and leaves comments alone.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const MAX_COLUMNS = 100;
/** The formatter's line width: a comment behind code may use all of it. */
const MAX_COLUMNS_BEHIND_CODE = 110;
const COMMENT = /^\s*(\/\/|\/\*|\*)/;
const BEHIND_CODE = /[;,{}()] \/\/ /;
/** Directives, and words that cannot be wrapped. */
const EXEMPT = /biome-ignore|@type \{|\S{70}/;

const files = execFileSync('git', ['ls-files', '-z', '*.ts', '*.tsx', '*.mjs', '*.js', '*.css'])
  .toString()
  .split('\0')
  .filter((file) => file !== '' && !file.includes('__fixtures__'));

const tooWide = files.flatMap((file) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line, index) => (isTooWide(line) ? [`${file}:${index + 1}: ${line.length} columns`] : [])),
);

function isTooWide(line) {
  if (EXEMPT.test(line)) return false;
  if (COMMENT.test(line)) return line.length > MAX_COLUMNS;
  return BEHIND_CODE.test(line) && line.length > MAX_COLUMNS_BEHIND_CODE;
}

if (tooWide.length > 0) {
  console.error(tooWide.join('\n'));
  console.error(`${tooWide.length} comments are wider than ${MAX_COLUMNS} columns: wrap them.`);
  process.exitCode = 1;
}
