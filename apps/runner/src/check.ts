import { type Refusal, readCatalogue } from '@booner/runner';

export type CheckResult = { readonly text: string; readonly ok: boolean };

/**
 * Reads the actions of a folder as the runner would. `text` has a line for each action and each
 * refusal. Not `ok` if anything is refused.
 */
export async function checkActions(
  directory: string,
  { trusted }: { readonly trusted: boolean },
): Promise<CheckResult> {
  const { actions, refused } = await readCatalogue(directory, { trusted });
  const lines = [
    ...[...actions.values()].map(({ name, file, parameters }) => {
      const names = parameters.map((parameter) => parameter.name).join(', ');
      return `${file}: ${name}${names === '' ? '' : ` (${names})`}`;
    }),
    ...refused.map(refusalText),
    `${actions.size} served, ${refused.length} refused`,
  ];
  return { text: `${lines.join('\n')}\n`, ok: refused.length === 0 };
}

/** Formats a refusal like a compiler error, so that editors find the place. */
const refusalText = ({ file, line, reason }: Refusal): string =>
  `${line === null ? file : `${file}:${line}`}: refused: ${reason}`;
