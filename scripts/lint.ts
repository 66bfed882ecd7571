import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { supplyChainFaults } from './supply-chain/supply-chain.ts';

const require = createRequire(import.meta.url);

/** Formatting, lint rules, types, and what comes from elsewhere; every finding is an error. */
export function lint(): number {
  const biome = [require.resolve('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings', '.'];
  const tsc = [join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc')];
  const codes = [biome, tsc].map((args) => spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1);
  const faults = supplyChainFaults();
  for (const fault of faults) console.error(fault);
  return Math.max(...codes, faults.length > 0 ? 1 : 0);
}

if (import.meta.main) process.exitCode = lint();
