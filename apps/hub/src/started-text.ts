import { styleText } from 'node:util';

/** Returns the last lines of a start, for the person who started the hub. */
export function startedText(url: string, hasDashboard: boolean): string {
  const address = `${hasDashboard ? 'Dashboard' : 'API'}  ${url}`;
  return `\n${styleText(['bold', 'cyan'], address, { stream: process.stdout })}\nCtrl-C stops\n`;
}
