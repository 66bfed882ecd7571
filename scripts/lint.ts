import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** Formatting, lint rules and types; every finding is an error. */
export function lint(): number {
  const biome = [require.resolve('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings', '.'];
  const tsc = [join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc')];
  const codes = [biome, tsc].map((args) => spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1);
  return Math.max(...codes);
}

if (import.meta.main) process.exitCode = lint();
