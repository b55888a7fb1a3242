#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { userFolder } from '../bridge/places.ts';
import type { ExitCode } from './exitCodes.ts';
import { exitCodes } from './exitCodes.ts';
import { isLeanVerb, isLook } from './leanNames.ts';
import { oldestNode, whyNotThisNode } from './nodeVersion.ts';

// The native module of the store ends an older Node without a word, so the version comes before everything else.
const problem = whyNotThisNode(process.versions.node);
if (problem !== undefined) {
  process.stderr.write(`swarm: ${problem}\nInstall Node ${oldestNode} or newer from https://nodejs.org.\n`);
  process.exit(exitCodes.refused);
}

// What Node makes of the code is kept for the next start, where nobody but the person can put anything.
enableCompileCache(join(userFolder(), 'compiled'));
const argv = process.argv.slice(2);
const answer = await answerLean();
// All output has been written by then, and whatever else is still open must not keep the person waiting.
process.exit(answer ?? (await (await import('./program.ts')).runProgram(argv)));

/** What prompts, status lines and sessions ask all the time must not load what everything else needs. */
async function answerLean(): Promise<ExitCode | undefined> {
  if (argv.some(isLeanVerb)) return (await import('./leanVerb.ts')).answerVerb(argv, process.env);
  return argv.some(isLook) ? (await import('./leanLook.ts')).answerLook(argv, process.env) : undefined;
}
