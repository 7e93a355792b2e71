import { launcherCommand } from './command.ts';

// Not through `loadLean`, whose execve(2) would close the socket that systemd passed on.
await launcherCommand();
