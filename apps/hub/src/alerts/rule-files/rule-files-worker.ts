import { parentPort, workerData } from 'node:worker_threads';
import { listRuleFiles, type RuleFile, readRuleFile } from '@booner/rule-files';
import type { ReadFolder } from './last-valid-rules.ts';

const { directory } = workerData as { readonly directory: string };
const { files, issues } = await listRuleFiles(directory);
const read: RuleFile[] = [];
for (const file of files) read.push(await readRuleFile(file));
parentPort?.postMessage({ files: read, issues } satisfies ReadFolder);
