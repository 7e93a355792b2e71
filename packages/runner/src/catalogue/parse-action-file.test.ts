import { expect, it } from 'vitest';
import type { Refusal } from './action.ts';
import { parseActionFile } from './parse-action-file.ts';

const FILE = '/etc/booner/actions.d/x.yaml';

function refusalsOf(text: string): readonly Refusal[] {
  const parsed = parseActionFile(FILE, text);
  if (parsed.ok) throw new Error(`was taken: ${JSON.stringify(parsed.action)}`);
  return parsed.refusals;
}

/**
 * `line: reason` of each refusal of a file that has the right name and command on its first two
 * lines.
 */
const issuesOf = (...lines: string[]): string[] =>
  refusalsOf(['name: x', 'command: ["true"]', ...lines].join('\n')).map(
    ({ line, reason }) => `${line}: ${reason}`,
  );

it('reads an action with all its keys', () => {
  const parsed = parseActionFile(
    FILE,
    `# Deploys
name: game.deploy
description: Deploys a game
command: [/opt/deploy, "--to={{place}}", "{{force}}"]
parameters:
  - {name: place, type: choice, choices: [eu, us], default: eu}
  - {name: force, type: boolean}
  - {name: token, type: string, secret: true, required: true, pattern: "[a-z]+"}
timeoutSeconds: 30
lock: deploys
cwd: /opt
env: {MODE: fast}
user: games
sandbox: strict
network: true
writablePaths: [/srv/game]
memoryMax: 512M
cpuQuota: 50%
idempotent: true
onStop: fail
`,
  );
  expect(parsed).toMatchObject({
    ok: true,
    action: {
      name: 'game.deploy',
      command: ['/opt/deploy', '--to={{place}}', '{{force}}'],
      parameters: [{ name: 'place' }, { name: 'force' }, { name: 'token', maxLength: 256 }],
      timeoutSeconds: 30,
      concurrency: 1,
      lock: 'deploys',
      cwd: '/opt',
      env: { MODE: 'fast' },
      user: 'games',
      confinement: {
        sandbox: 'strict',
        network: true,
        writablePaths: ['/srv/game'],
        memoryMax: '512M',
        cpuQuota: '50%',
      },
      idempotent: true,
      onStop: 'fail',
      file: FILE,
    },
  });
});

it('has defaults for all but the name and the command', () => {
  expect(parseActionFile(FILE, 'name: x\ncommand: [ls]\n')).toMatchObject({
    ok: true,
    action: {
      timeoutSeconds: 900,
      concurrency: 1,
      lock: null,
      cwd: null,
      user: null,
      confinement: {
        sandbox: 'standard',
        network: false,
        writablePaths: [],
        memoryMax: null,
        cpuQuota: null,
      },
      idempotent: false,
      onStop: 'finish',
    },
  });
});

it.each([
  ['an unknown key', ['timeout: 3'], ['3: timeout: unknown key']],
  [
    'an unknown key of a parameter',
    ['parameters:', '- name: a', '  type: integer', '  pattern: x'],
    ['6: parameters[0].pattern: unknown key'],
  ],
  [
    'a value of a wrong type',
    ['env:', '  A: b', '  PORT: 80'],
    ['5: env.PORT: must be a string; put it in quotes'],
  ],
  ['a value out of range', ['concurrency: 0'], ['3: concurrency: Too small: expected number to be >=1']],
  ['a key that stands twice', ['cwd: /a', 'cwd: /b'], ['4: "cwd" appears twice']],
  [
    'an unknown type',
    ['parameters:', '- name: a', '  type: number'],
    ['5: parameters[0].type: must be one of string, integer, boolean, choice, json'],
  ],
  [
    'a parameter without a type',
    ['parameters:', '- name: a'],
    ['4: parameters[0].type: must be one of string, integer, boolean, choice, json'],
  ],
  [
    'two parameters with one name',
    ['parameters:', '- {name: a, type: boolean}', '- {name: a, type: boolean}'],
    ['5: parameters[1].name: there is another parameter named "a"'],
  ],
  [
    'a default that breaks its own rule',
    ['parameters:', '- name: a', '  type: integer', '  max: 3', '  default: 4'],
    ['7: parameters[0].default: is not a valid value of this parameter: must be at most 3'],
  ],
  [
    'a default that starts with a dash',
    ['parameters:', '- {name: a, type: string, default: "-x"}'],
    ['4: parameters[0].default: is not a valid value of this parameter: must not start with "-"'],
  ],
  [
    'a default of a secret',
    ['parameters:', '- {name: a, type: string, secret: true, default: x}'],
    ['4: parameters[0].default: a secret parameter cannot have a default: everyone can see defaults'],
  ],
  [
    'min over max',
    ['parameters:', '- {name: a, type: integer, min: 4, max: 3}'],
    ['4: parameters[0].min: min 4 is greater than max 3'],
  ],
  [
    'a choice with a line break',
    ['parameters:', '- {name: a, type: choice, choices: ["a\\nb"]}'],
    ['4: parameters[0].choices[0]: must not contain a NUL or a line break'],
  ],
  [
    'lock and concurrency together',
    ['lock: a', 'concurrency: 2'],
    ['4: concurrency: use either lock or concurrency: a lock already means one run at a time'],
  ],
  [
    'a retry of an action that may run only once',
    ['retry: {attempts: 3, backoff: 10s}'],
    ['3: retry: requires idempotent: true, which says that the action may run more than once'],
  ],
  [
    'a retry without bounds',
    ['idempotent: true', 'retry: {attempts: 11, backoff: 2h}'],
    [
      expect.stringMatching(/^4: retry\.attempts: Too big/),
      '4: retry.backoff: must be a duration from 0s to 1h',
    ],
  ],
  [
    'a variable that the runner sets',
    ['env: {BOONER_TASK_ID: x}'],
    ['3: env.BOONER_TASK_ID: names that start with BOONER_ are reserved for the runner'],
  ],
  ['a relative folder', ['cwd: here'], ['3: cwd: must be an absolute path']],
  [
    'keys of the strict sandbox in another one',
    ['network: true', 'writablePaths: [/srv]', 'sandbox: none'],
    [
      '3: network: is only used with sandbox: strict, not with none',
      '4: writablePaths: is only used with sandbox: strict, not with none',
    ],
  ],
  [
    'writable paths that are none of their own',
    ['sandbox: strict', 'writablePaths: [/, srv, /srv/../etc, "/a\\"b"]'],
    [
      '4: writablePaths[0]: must be a path below /, without . and ..',
      '4: writablePaths[1]: must be an absolute path',
      '4: writablePaths[2]: must be a path below /, without . and ..',
      '4: writablePaths[3]: must not contain quotes, backslashes or control characters',
    ],
  ],
  [
    'limits without a unit',
    ['memoryMax: 512', 'cpuQuota: "50"'],
    [
      '3: memoryMax: must be a string; put it in quotes',
      '4: cpuQuota: must be a share of one processor, such as 50% or 200%',
    ],
  ],
  ['a tag', ['description: !include x'], ['3: Unresolved tag: !include']],
  ['an alias', ['env: &a {}', 'description: *a'], ['4: aliases (*a) are not supported']],
  ['broken YAML', ['env: {'], [expect.stringMatching(/^\d: /)]],
])('refuses %s, with its line', (_, lines, issues) => {
  expect(issuesOf(...lines)).toEqual(issues);
});

it('refuses a pattern that is not RE2, as one with a backreference', () => {
  const issues = issuesOf('parameters:', '- name: a', '  type: string', '  pattern: (a)\\1', '  default: aa');
  expect(issues).toEqual([
    expect.stringContaining('6: parameters[0].pattern: is not a regular expression in RE2 syntax'),
  ]);
});

it('refuses a pattern that could take too many steps, with the bound', () => {
  const lines = ['parameters:', '- name: a', '  type: string', '  pattern: \\pL{1000}', '  default: a'];
  expect(issuesOf(...lines)).toEqual([
    '6: parameters[0].pattern: could take 476828 steps to match, and at most 100000 are allowed: use smaller repeat counts, or set maxLength below 256',
  ]);
});

const commandIssues = (...command: string[]): string[] =>
  refusalsOf(
    [
      'name: x',
      'command:',
      ...command.map((element) => `  - ${JSON.stringify(element)}`),
      'parameters:',
      '- {name: host, type: string}',
      '- {name: key, type: string, secret: true}',
    ].join('\n'),
  ).map(({ line, reason }) => `${line}: ${reason}`);

it('refuses commands whose program or placeholders are not certain', () => {
  expect(commandIssues('echo', '{{hots}}')).toEqual([
    '4: command[1]: {{hots}} is not a parameter of this action; its parameters: host, key',
  ]);
  expect(commandIssues('{{host}}')).toEqual(['3: command[0]: the program must not depend on a parameter']);
  expect(commandIssues('./run')).toEqual([
    '3: command[0]: must be an absolute path, or a name that is found in PATH',
  ]);
  expect(commandIssues('echo', 'a\0b')).toEqual(['4: command[1]: must not contain a NUL']);
});

it('refuses a secret among the arguments, and says where it is found', () => {
  expect(commandIssues('curl', '--user=a:{{key}}')).toEqual([
    expect.stringMatching(/^4: .*secret.*BOONER_PARAM_KEY/),
  ]);
});

it.each([
  [['sh', '-c', 'ping {{host}}']],
  [['/usr/bin/env', 'bash', '-eo', 'pipefail', '-c', 'ping {{host}}']],
  [['busybox', 'sh', '-c', 'ping {{host}}']],
  [['sh', '-c', '--', 'ping {{host}}']],
  [['bash', '-lc', 'ping {{host}}']],
  [['bash', '-ce', 'ping {{host}}']],
  [['bash', '--rcfile', '/etc/rc', '-c', 'ping {{host}}']],
  [['fish', '--command=ping {{host}}']],
  [['env', '-i', 'sh', '-c', 'ping {{host}}']],
  [['sudo', '-u', 'game', 'sh', '-c', 'ping {{host}}']],
  [['nsenter', '--target', '1', '--all', 'sh', '-c', 'ping {{host}}']],
  [['xargs', '-n1', 'sh', '-c', 'ping {{host}}']],
  [['su', '-c', 'ping {{host}}']],
  [['su', '-', 'game', '-c', 'ping {{host}}']],
  [['/usr/bin/su', 'game', '--command=ping {{host}}']],
  [['runuser', '-l', 'game', '-c', 'ping {{host}}']],
  [['runuser', 'game', '-cping {{host}}']],
  [['script', '-q', '-c', 'ping {{host}}', '/dev/null']],
  [['sg', 'game', '-c', 'ping {{host}}']],
  [['flock', '-w', '5', '/run/lock/x', '-c', 'ping {{host}}']],
  [['ssh', 'web1', 'ping {{host}}']],
  [['ssh', '-p', '22', '-tt', 'web1', 'ping', '{{host}}']],
  [['timeout', '9', 'ssh', '-oBatchMode=yes', '-l', 'game', '--', 'web1', 'ping', '{{host}}']],
  [['ssh', '-o', 'ProxyCommand=nc {{host}} 22', 'web1', 'uptime']],
])('refuses a value within the script of a shell: %j', (command) => {
  expect(commandIssues(...command)).toEqual([
    expect.stringContaining('a shell would run the value of {{host}} as code'),
  ]);
});

it.each([
  [`[sh, -c, 'echo "$1"', sh, '{{n}}']`],
  [`[bash, /opt/run.sh, -c, '{{n}}']`],
  [`[runuser, -u, game, --, deploy, -c, '{{n}}']`],
  [`[flock, /run/lock/x, deploy, -c, '{{n}}']`],
  [`[su, game, -c, 'deploy "$1"', --, sh, '{{n}}']`],
  [`[ssh, -p, '{{n}}', 'game@{{n}}', uptime]`],
  [`[ssh, web1, systemctl, restart, '{{unit}}']`],
  [`[sh, -c, 'kill -{{signal}} 1']`],
])('takes a value that no shell runs as code: %s', (command) => {
  const text = `name: x\ncommand: ${command}\nparameters: [{name: n, type: string}, {name: signal, type: integer}, {name: unit, type: choice, choices: [a, b]}]\n`;
  expect(parseActionFile(FILE, text)).toMatchObject({ ok: true });
});

it.each(['', '- a', 'text', '# nothing', 'a: 1\n---\nb: 2'])('refuses %j, which is not a map', (text) => {
  expect(refusalsOf(text).length).toBeGreaterThan(0);
});

it('reports all issues of a file at once, but at most 20', () => {
  expect(refusalsOf('nam: x\ntimeoutSeconds: soon').map(({ line, reason }) => [line, reason])).toEqual([
    [1, 'name: is missing'],
    [2, 'timeoutSeconds: must be a number'],
    [1, 'nam: unknown key'],
  ]);
  const many = Array.from({ length: 100 }, (_, index) => `k${index}: 1`).join('\n');
  expect(refusalsOf(many)).toHaveLength(21);
});

it.each([
  [
    'aliases that multiply',
    `a: &a [x,x,x,x,x,x,x,x,x]\n${Array.from({ length: 20 }, (_, i) => `b${i}: &b${i} [*a,*a,*a,*a,*a,*a,*a,*a]`).join('\n')}`,
  ],
  ['brackets without an end', '['.repeat(60_000)],
  ['deep nesting', `a: ${'['.repeat(30_000)}${']'.repeat(30_000)}`],
  ['thousands of keys', Array.from({ length: 9000 }, (_, index) => `k${index}:`).join('\n')],
])(
  'refuses %s in little time',
  (_, text) => {
    expect(refusalsOf(text).length).toBeLessThanOrEqual(21);
  },
  60_000,
);

it('reads parameters of JSON, and refuses defaults that break their bounds', () => {
  const parsed = parseActionFile(
    FILE,
    'name: x\ncommand: ["true", "{{a}}"]\nparameters:\n  - {name: a, type: json, default: {b: [1]}}\n',
  );
  expect(parsed).toMatchObject({
    ok: true,
    action: { parameters: [{ name: 'a', type: 'json', maxBytes: 4096, default: { b: [1] } }] },
  });
  expect(issuesOf('parameters:', '  - {name: a, type: json, default: 5}')).toEqual([
    '4: parameters[0].default: must be a JSON object or array',
  ]);
  expect(issuesOf('parameters:', '  - {name: a, type: json, maxBytes: 4, default: {b: 1}}')).toEqual([
    '4: parameters[0].default: is not a valid value of this parameter: has 7 bytes as JSON; at most 4 are allowed',
  ]);
  expect(issuesOf('parameters:', '  - {name: a, type: json, default: [[[[[[[[1]]]]]]]]}')).toEqual([
    '4: parameters[0].default: is nested deeper than 7 levels',
  ]);
  expect(issuesOf('parameters:', '  - {name: a, type: json, maxBytes: 20000}')).toHaveLength(1);
  expect(issuesOf('parameters:', '  - {name: a, type: json, secret: true}')).toEqual([
    '4: parameters[0].secret: unknown key',
  ]);
});
