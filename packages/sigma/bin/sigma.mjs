#!/usr/bin/env node
import { sigma } from '../src/command/index.ts';

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

process.exitCode = await sigma(process.argv.slice(2));
