// Reads vitest's JSON report: `node scripts/summarise-tests.mjs REPORT FAILURES` prints how many
// tests passed, failed and were skipped, and writes what failed, with its errors, into FAILURES.
import { readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import process from 'node:process';

/** Enough for an assertion with its difference and the lines of ours in its stack. */
const MESSAGE_CHARACTERS = 4000;

const [reportFile, failuresFile] = process.argv.slice(2);
const report = JSON.parse(readFileSync(reportFile, 'utf8'));
const failedTests = (file) => file.assertionResults.filter(({ status }) => status === 'failed');
const failedFiles = report.testResults.filter(({ status }) => status === 'failed');
/** Files that failed outside of their tests, such as in a hook. */
const brokenFiles = failedFiles.filter((file) => failedTests(file).length === 0);

const failures = failedFiles.map((file) =>
  [
    `FAILED in ${relative('.', file.name)}`,
    file.message,
    ...failedTests(file).flatMap(({ fullName, failureMessages }) => [fullName, ...failureMessages]),
  ]
    .filter(Boolean)
    .map((text) => text.slice(0, MESSAGE_CHARACTERS))
    .join('\n'),
);
writeFileSync(failuresFile, failures.map((text) => `\n${text}\n`).join(''));
console.log(
  report.numPassedTests,
  report.numFailedTests + brokenFiles.length,
  report.numPendingTests + report.numTodoTests,
);
