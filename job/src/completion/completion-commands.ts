import type { Command } from 'commander';
import { programName } from '../command-line.ts';
import { exitCode } from '../exit-code.ts';
import type { Shell } from './shells.ts';

/** `completion`: writes what a shell reads so that it completes. */
export async function completionCommand(shell: Shell, write: (text: string) => void): Promise<number> {
  const { completionScript } = await import('./scripts.ts');
  write(completionScript(shell, programName));
  return exitCode.ok;
}

/** `complete`: tells a shell what its command line can go on with. */
export async function completeCommand(
  words: readonly string[],
  program: Command,
  write: (text: string) => void,
): Promise<number> {
  const { complete } = await import('./complete.ts');
  const lines = await complete(program, words, async (kubeconfig) => {
    const { contextNames } = await import('../cluster/kubeconfig-access.ts');
    return contextNames({ kubeconfig });
  });
  write(lines.map((line) => `${line}\n`).join(''));
  return exitCode.ok;
}
