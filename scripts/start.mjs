// The first thing that every npm script runs, on whatever Node the machine has: before `node_modules` exists and on
// Node 20. It brings the packages and the project's own Node, and goes on with that.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [script, ...args] = process.argv.slice(2);

if (Number(process.versions.node.split('.')[0]) < 20)
  fail(`Node ${process.versions.node} is too old to begin with: install Node 20 or newer.`);
installPackages();
goOn(projectNode());

/** Installs what package-lock.json says, unless it is there. The marker is written last, so an interrupted install counts as none. */
function installPackages() {
  const marker = join(root, 'node_modules', '.installed');
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return;
  console.error('Installing npm packages (about 15 s) …');
  const npm = process.env.npm_execpath;
  const command = npm ? [process.execPath, npm] : ['npm'];
  // All kinds of packages, whatever NODE_ENV or the person's npmrc leaves out: the scripts need them. Nothing of theirs is
  // run, whatever the environment says, which counts more than our .npmrc.
  const wants = ['--include=dev', '--include=optional', '--ignore-scripts'];
  const install = ['ci', ...wants, '--no-audit', '--no-fund', '--loglevel=error'];
  const { status, error } = spawnSync(command[0], [...command.slice(1), ...install], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (error) fail(`npm cannot be started (${error.code}): install npm, which comes with Node.`);
  if (status !== 0) fail('"npm ci" failed: look at its message above.');
  writeFileSync(marker, wanted);
}

function projectNode() {
  const node = join(root, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node');
  if (existsSync(node)) return node;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 24 || (major === 24 && minor >= 4)) return process.execPath;
  return fail(`There is no packaged Node for ${process.platform} ${process.arch}: install Node 24.4 or newer.`);
}

/** Its `node` also comes first for what the script starts. */
function goOn(node) {
  const env = { ...process.env, PATH: `${dirname(node)}:${process.env.PATH}` };
  const child = spawn(
    node,
    ['--import', join(root, 'scripts', 'templates-hook.ts'), join(root, 'scripts', script), ...args],
    { cwd: root, stdio: 'inherit', env },
  );
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', ({ code }) =>
    fail(`${node} cannot be started (${code}): the packaged Node needs Linux with the GNU C library.`),
  );
  child.on('exit', (code, signal) => {
    process.exitCode = signal ? 1 : code;
  });
}

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
