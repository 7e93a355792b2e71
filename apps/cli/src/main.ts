#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

// In the user's own folder: other users could write to the default one in /tmp.
enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'booner'));
const { runCommandLine } = await import('./command-line.ts');
await runCommandLine(process.argv);
