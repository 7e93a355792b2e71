import { parseHostId } from '@booner/protocol/host-id';
import { issueText } from '@booner/protocol/labels';
import { parseAccessSelector } from '@booner/protocol/selector';
import { type Command, Option } from 'commander';
import { usageError } from '../errors/cli-error.ts';

export type SecretOptions = { readonly selector?: string };

/** Adds the targets of a secret: hosts, or a selector. */
export const addSecretTargets = (command: Command): Command =>
  command
    .argument('[host...]', 'targets')
    .addOption(new Option('-l, --selector <selector>', 'the targets that match, such as role=db,env!=prod'));

/**
 * Returns the selector of the targets of a command; `undefined`: it names none.
 * @throws CliError for hosts beside a selector, and for what cannot be parsed
 */
export function selectorOf(hosts: readonly string[], { selector }: SecretOptions): string | undefined {
  if (selector === undefined) {
    if (hosts.length === 0) return undefined;
    const wrong = hosts.find((host) => parseHostId(host) === null);
    if (wrong !== undefined) throw usageError(`${wrong} is not a host: use an IP address or a host name`);
    return `host in (${hosts.map(parseHostId).join(',')})`;
  }
  if (hosts.length > 0) throw usageError('specify targets or --selector, not both');
  const parsed = parseAccessSelector(selector);
  if (!parsed.ok) throw usageError(`the selector ${issueText(parsed.issue)}`);
  if (parsed.value.text === '')
    throw usageError('the selector is empty, so it selects nothing', "write '*' for all targets");
  return parsed.value.text;
}
