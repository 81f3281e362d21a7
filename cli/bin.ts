#!/usr/bin/env node
/**
 * The program `playhead` of the package. It keeps compiled code, since compiling is half of the time of a command otherwise, and
 * in the user's own cache: Node's default is a folder that all users of a machine may write to. In the repository,
 * scripts/runtime.mjs does it.
 */
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
// For the processes that it starts, too.
process.env['NODE_COMPILE_CACHE'] ??= join(cache, 'playhead', 'compiled');
enableCompileCache(process.env['NODE_COMPILE_CACHE']);
await import('./main.ts');
