import { str } from 'envalid';
import { describe, expect, it } from 'vitest';
import { ConfigError, helpText, integer, onOff, readConfig } from './config.ts';

const spec = {
  summary: 'example [flags]',
  settings: {
    PORT: integer({ min: 0, max: 65535 })({ default: 8000, desc: 'port' }),
    LABEL: str({ default: undefined, desc: 'label' }),
    INSECURE: onOff({ default: false, desc: 'danger' }),
  },
  flags: { port: 'PORT', label: 'LABEL' },
  switches: { insecure: 'INSECURE' },
} as const;

describe('readConfig', () => {
  it('takes a flag before the environment and the environment before the default', () => {
    expect(readConfig(spec, { env: {}, argv: [] })?.PORT).toBe(8000);
    expect(readConfig(spec, { env: { PORT: '1' }, argv: [] })?.PORT).toBe(1);
    expect(readConfig(spec, { env: { PORT: '1' }, argv: ['--port', '2', '--insecure'] })).toMatchObject({
      PORT: 2,
      INSECURE: true,
    });
  });

  it('reads an empty variable as an unset one', () => {
    expect(readConfig(spec, { env: { PORT: '' }, argv: [] })?.PORT).toBe(8000);
  });

  it('names every issue at once', () => {
    const read = () =>
      readConfig(spec, { env: { PORT: '70000', INSECURE: 'maybe' }, argv: ['--nope', 'x', '--label'] });
    expect(read).toThrow(ConfigError);
    try {
      read();
    } catch (error) {
      const { issues } = error as ConfigError;
      expect(issues.join('\n')).toMatch(/--nope: unknown flag/);
      expect(issues.join('\n')).toMatch(/x: unknown argument/);
      expect(issues.join('\n')).toMatch(/--label: needs a value/);
      expect(issues.join('\n')).toMatch(/PORT: must be a whole number from 0 to 65535, not "70000"/);
      expect(issues.join('\n')).toMatch(/INSECURE: must be true or false/);
    }
  });

  it('answers null to --help, whose text names flags, variables and defaults', () => {
    expect(readConfig(spec, { env: { PORT: 'bad' }, argv: ['--help'] })).toBeNull();
    expect(helpText(spec)).toMatch(/--port \.\.\. +PORT +port \(default 8000\)/);
  });
});
