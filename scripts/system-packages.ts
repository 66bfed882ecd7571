import { spawnSync } from 'node:child_process';
import { ask } from './ask.ts';
import { CannotRunHere } from './cannot-run-here.ts';

/**
 * Installs a Debian package. On a terminal it asks first; elsewhere, as in CI, nobody could answer.
 *
 * @param because what it is for, in the words of a question: "runs the containers"
 * @throws {CannotRunHere} where it may not or cannot install, with what to install by hand
 * @throws an Error where the installation fails
 */
export async function installPackage(name: string, because: string): Promise<void> {
  const byHand = new CannotRunHere(`${name} is missing, which ${because}: install the package "${name}"`);
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status !== 0) throw byHand;
  const question = `${name} is missing, which ${because}. Install it with apt-get?`;
  if (process.stdin.isTTY && !(await ask(question, { input: process.stdin, output: process.stderr }))) throw byHand;
  console.error(`installing the package ${name}, which ${because}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '--yes', '--no-install-recommends', name]]) {
    const { status } = spawnSync('apt-get', ['--quiet=2', ...args], { stdio: ['ignore', 2, 2], env });
    if (status !== 0) throw new Error(`"apt-get ${args.join(' ')}" failed: look at its message above`);
  }
}
