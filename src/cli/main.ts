#!/usr/bin/env node
import { exitCodes } from './exitCodes.ts';
import { answerLean } from './lean.ts';
import { oldestNode, whyNotThisNode } from './nodeVersion.ts';

// The native module of the store ends an older Node without a word, so the version comes before everything else.
const problem = whyNotThisNode(process.versions.node);
if (problem !== undefined) {
  process.stderr.write(`swarm: ${problem}\nInstall Node ${oldestNode} or newer from https://nodejs.org.\n`);
  process.exit(exitCodes.refused);
}

const argv = process.argv.slice(2);
// All output has been written by then, and whatever else is still open must not keep the person waiting.
process.exit(answerLean(argv, process.env) ?? (await (await import('./program.ts')).runProgram(argv)));
