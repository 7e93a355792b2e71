import { readFile } from 'node:fs/promises';
import type { AlertRuleInput } from '@booner/protocol';
import { usageError } from '../errors/cli-error.ts';

/** A rule that the hub has not validated yet. */
export type UncheckedRule = Partial<AlertRuleInput>;

/**
 * Reads the rules of a file in YAML or JSON: `rules` with a list, or one rule alone. The hub
 * validates them.
 * @throws CliError if the file cannot be read, or has no rules
 */
export async function readRuleFile(path: string): Promise<readonly UncheckedRule[]> {
  const { parse, YAMLParseError } = await import('yaml');
  try {
    const content: unknown = parse(await readFile(path, 'utf8'), { maxAliasCount: 0 });
    const rules = isMap(content) && 'rules' in content ? content.rules : [content];
    if (Array.isArray(rules) && rules.length > 0 && rules.every(isMap)) return rules;
    throw usageError(
      `${path} has no rules`,
      'write them as a list: rules: [{ name: …, selector: …, when: … }]',
    );
  } catch (error) {
    if (error instanceof YAMLParseError) throw usageError(`${path}: ${error.message.trimEnd()}`);
    const { code, syscall } = error as NodeJS.ErrnoException;
    throw syscall === undefined ? error : usageError(`cannot read ${path} (${code})`);
  }
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
