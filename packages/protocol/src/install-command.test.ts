import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { installCommand } from './install-command.ts';

describe('the install command', () => {
  const script = 'echo installed\n';
  const installerSha256 = createHash('sha256').update(script).digest('hex');

  it('is one line that verifies the installer before it runs it, with the key on stdin', () => {
    const hubUrl = 'https://hub.example.org/booner/';
    expect(installCommand({ hubUrl, installerSha256, key: 'bne_x', withTasks: false })).toBe(
      'curl -fsSLo booner-install.sh https://hub.example.org/booner/install.sh && ' +
        `echo '${installerSha256}  booner-install.sh' | sha256sum -c - && ` +
        'echo bne_x | sudo sh booner-install.sh --hub https://hub.example.org/booner --key -',
    );
  });

  it.each([
    'http://a;id;.localhost:8000',
    'http://$(id).localhost',
    "http://a'b.localhost",
    'http://[fd00::1]:8000',
    'https://hub.example.org/a&b `id`',
  ])('is safe in a shell if the URL of the hub is %s', (hubUrl) => {
    const line = installCommand({ hubUrl, installerSha256, key: 'bne_x', withTasks: true });
    const shell = `curl() { printf '%s\\n' "$@"; }; sha256sum() { cat; }; sudo() { cat; printf '%s\\n' "$@"; }; ${line}`;
    expect(execFileSync('/bin/sh', ['-c', shell], { encoding: 'utf8' }).trimEnd().split('\n')).toEqual([
      ...['-fsSLo', 'booner-install.sh', `${hubUrl}/install.sh`],
      `${installerSha256}  booner-install.sh`,
      'bne_x',
      ...['sh', 'booner-install.sh', '--hub', hubUrl, '--key', '-', '--enable-tasks'],
    ]);
  });
});
