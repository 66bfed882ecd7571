import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtempDisposable, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..', '..');
const packagedNode = join('node_modules', `node-linux-${process.arch}`, 'bin', 'node');

/** A project with `start.mjs`, its packages installed, and one script. */
async function makeProject(script: string) {
  const folder = await mkdtempDisposable(join(tmpdir(), 'start-'));
  const inside = (path: string) => join(folder.path, path);
  await mkdir(inside('scripts'));
  await cp(join(root, 'scripts', 'start.mjs'), inside('scripts/start.mjs'));
  await writeFile(inside('scripts/templates-hook.ts'), '');
  await writeFile(inside('scripts/script.ts'), script);
  await writeFile(inside('package-lock.json'), '{}');
  await mkdir(join(inside(packagedNode), '..'), { recursive: true });
  await symlink(process.execPath, inside(packagedNode));
  await writeFile(inside('node_modules/.installed'), createHash('sha256').update('{}').digest('hex'));
  return { inside, path: folder.path, [Symbol.asyncDispose]: () => folder.remove() };
}

/** Starts a script as npm does, with nothing on the PATH but what the project brings. */
async function start(project: string, ...args: string[]) {
  const child = spawn(process.execPath, [join(project, 'scripts', 'start.mjs'), ...args], { env: { PATH: '/none' } });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code, stdout, stderr };
}

test('a script gets its arguments and gives its exit code', async () => {
  await using project = await makeProject('console.log(process.argv.slice(2).join()); process.exitCode = 3;');

  assert.deepEqual(await start(project.path, 'script.ts', 'a', '--b'), { code: 3, stdout: 'a,--b\n', stderr: '' });
});

test('packages that are not installed, and no npm to install them, is one sentence', async () => {
  await using project = await makeProject('');
  await rm(project.inside('node_modules/.installed'));

  const { code, stderr } = await start(project.path, 'script.ts');

  assert.equal(code, 1);
  assert.match(stderr, /^Installing npm packages.*\nnpm cannot be started \(ENOENT\): install npm.*\n$/);
});

test('all kinds of packages are installed, and none runs a script, whatever the environment says', async () => {
  await using project = await makeProject('');
  await rm(project.inside('node_modules/.installed'));
  await writeFile(project.inside('npm.mjs'), 'console.error(process.argv.slice(2).join(" ")); process.exitCode = 1;');
  const env = { PATH: '/none', NODE_ENV: 'production', npm_execpath: project.inside('npm.mjs') };
  const child = spawn(process.execPath, [project.inside('scripts/start.mjs'), 'script.ts'], { env });

  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);

  assert.equal(code, 1);
  assert.match(
    stderr,
    /\nci --include=dev --include=optional --ignore-scripts .*\n"npm ci" failed: look at its message above\.\n$/,
  );
});

test('a packaged Node that this machine cannot start is one sentence', async () => {
  await using project = await makeProject('');
  await rm(project.inside(packagedNode));
  await writeFile(project.inside(packagedNode), '#!/none\n', { mode: 0o755 });

  const { code, stderr } = await start(project.path, 'script.ts');

  assert.equal(code, 1);
  assert.match(
    stderr,
    /^\S+node cannot be started \(ENOENT\): the packaged Node needs Linux with the GNU C library\.\n$/,
  );
});

test('without Go, what needs it says in one sentence to install the newest that any of its modules asks for', async () => {
  const modules = globSync('scripts/tools/*/go.mod', { cwd: root }).map((file) =>
    readFileSync(join(root, file), 'utf8'),
  );
  const versions = modules.map((module) => /^go (\S+)$/m.exec(module)?.[1] ?? '');
  const newest = versions.toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }))[0];

  const ended = await start(root, 'demo.ts', '--context', 'none', '--image', 'example.com/x');

  const stderr = `there is no Go: install Go ${newest} or newer, which builds the cluster's programs\n`;
  assert.deepEqual(ended, { code: 1, stdout: '', stderr });
});
