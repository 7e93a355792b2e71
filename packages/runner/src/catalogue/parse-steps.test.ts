import { expect, it } from 'vitest';
import { parseActionFile } from './parse-action-file.ts';

const FILE = '/etc/booner/actions.d/x.yaml';

/** `line: reason` of each refusal of a file that has its name on the first line. */
function issuesOf(...lines: string[]): string[] {
  const parsed = parseActionFile(FILE, ['name: x', ...lines].join('\n'));
  return parsed.ok ? [] : parsed.refusals.map(({ line, reason }) => `${line}: ${reason}`);
}

it('reads steps with all their keys, and has defaults for all but name and command', () => {
  const parsed = parseActionFile(
    FILE,
    `name: game.deploy
steps:
  - name: build
    command: [/opt/build, "{{version}}"]
    timeoutSeconds: 60
    retry: {attempts: 3, backoff: 10s}
    continueOnError: true
  - {name: tidy-up, command: [/opt/tidy], always: true}
check: [/opt/deploy, --dry-run, "{{version}}"]
parameters: [{name: version, type: string}]
schedulable: true
approval: admin
`,
  );
  expect(parsed).toMatchObject({
    ok: true,
    action: {
      command: null,
      steps: [
        {
          name: 'build',
          command: ['/opt/build', '{{version}}'],
          timeoutSeconds: 60,
          retry: { attempts: 3, backoffMs: 10_000 },
          continueOnError: true,
          always: false,
        },
        { name: 'tidy-up', timeoutSeconds: null, retry: { attempts: 1, backoffMs: 0 }, always: true },
      ],
      check: ['/opt/deploy', '--dry-run', '{{version}}'],
      checkable: true,
      schedulable: true,
      approval: 'admin',
    },
  });
  expect(parseActionFile(FILE, 'name: x\ncommand: [ls]\n')).toMatchObject({
    action: { steps: [], check: null, checkable: false, schedulable: false, approval: null },
  });
});

const STEP = '- {name: a, command: [ls]}';
it.each([
  ['neither command nor steps', ['user: a'], ['1: command: is missing: an action has a command, or steps']],
  ['both', ['command: [ls]', 'steps:', STEP], ['3: steps: use either command or steps']],
  ['no step', ['steps: []'], ['2: steps: Too small: expected array to have >=1 items']],
  ['21 steps', ['steps:', ...Array(21).fill(STEP)], [expect.stringContaining('Too big')]],
  ['two steps with one name', ['steps:', STEP, STEP], ['4: steps[1].name: there is another step named "a"']],
  [
    'a name with a blank',
    ['steps:', '- {name: a b, command: [ls]}'],
    [expect.stringContaining('steps[0].name: must be 1 to 40 of')],
  ],
  [
    'a program that is not certain in a step',
    ['steps:', '- {name: a, command: [./run]}'],
    ['3: steps[0].command[0]: must be an absolute path, or a name that is found in PATH'],
  ],
  [
    'an unknown parameter in a dry run',
    ['command: [ls]', 'check: [ls, "{{a}}"]'],
    ['3: check[1]: {{a}} is not a parameter of this action; its parameters: none'],
  ],
  [
    'a secret among the arguments of a step',
    ['steps:', '- {name: a, command: [ls, "{{k}}"]}', 'parameters: [{name: k, type: string, secret: true}]'],
    [expect.stringMatching(/^3: steps\[0\]\.command\[1\]: .*secret/)],
  ],
  [
    'a retry without a bound',
    ['steps:', '- {name: a, command: [ls], retry: {attempts: 11}}'],
    [expect.stringContaining('steps[0].retry.attempts: Too big')],
  ],
  [
    'a backoff without a bound',
    ['steps:', '- {name: a, command: [ls], retry: {attempts: 2, backoff: 2h}}'],
    ['3: steps[0].retry.backoff: must be a duration from 0s to 1h'],
  ],
  ['an unknown approval', ['command: [ls]', 'approval: viewer'], [expect.stringContaining('approval: ')]],
])('refuses %s', (_, lines, issues) => {
  expect(issuesOf(...lines)).toEqual(issues);
});
