import { readFile } from 'node:fs/promises';
import type { AlertRuleInput } from '@booner/protocol';
import { usageError } from '../errors/cli-error.ts';

/**
 * Reads a file with one alert rule, in YAML or JSON. The hub validates the rule.
 * @throws CliError if the file cannot be read or is neither
 */
export async function readRuleFile(path: string): Promise<Partial<AlertRuleInput>> {
  const { parse, YAMLParseError } = await import('yaml');
  try {
    const rule: unknown = parse(await readFile(path, 'utf8'), { maxAliasCount: 0 });
    if (typeof rule === 'object' && rule !== null && !Array.isArray(rule)) return rule;
    throw usageError(`${path} contains no rule`, 'write a rule such as {"selector":"*","when":{…}}');
  } catch (error) {
    if (error instanceof YAMLParseError) throw usageError(`${path}: ${error.message.trimEnd()}`);
    const { code, syscall } = error as NodeJS.ErrnoException;
    throw syscall === undefined ? error : usageError(`cannot read ${path} (${code})`);
  }
}
