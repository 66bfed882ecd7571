import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { tool } from '../../scripts/tools.ts';
import { findHelmDiff } from './helm-diff.ts';
import { searchOutput } from './leaks/verdict.ts';

const execute = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');
const gitlabCiLocal = createRequire(import.meta.url).resolve('gitlab-ci-local/package.json');

/** A CI/CD variable as the settings of a project hold it: by environment scope, or one value for all. */
export type Variable = string | { type?: 'file'; values: Record<string, string> };
export type Variables = Record<string, Variable>;

export interface Job {
  name: string;
  stage: string;
  when: string;
}

export interface Ended {
  /** 0 where every job passed. */
  code: number;
  /** All that the jobs printed, unmasked: what is not in here needs no mask. */
  log: string;
}

/** A project as GitLab has it: a repository, and a runner that takes each job's script as GitLab's would. */
export interface Project {
  /** Which helm-diff its jobs have. */
  helmDiff: string;
  /** The jobs that a pipeline of this source has. */
  jobs(source: Source): Promise<Job[]>;
  /** Runs a pipeline: all of it, or the named jobs, by hand. */
  pipeline(source: Source, variables: Variables, jobs?: readonly string[]): Promise<Ended>;
  /** A file that a job left as its artifact. */
  artifact(path: string): Promise<string>;
}

export type Source = 'push' | 'merge_request_event' | 'schedule';

/**
 * Makes a project of files. Jobs run on this machine with gitlab-ci-local, which checks the configuration against GitLab's
 * schema, knows inputs, rules, scoped variables and files, expands `$` in variables, and masks nothing.
 *
 * @param path the project's path, e.g. `platform/clusters`
 */
export async function createProject(path: string, files: Record<string, string>): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'project-'));
  await writeFiles(folder, files);
  // What jobs leave is seen only where it is an artifact.
  return startProject(path, folder, ['--shell-isolation']);
}

/** This repository as a project, with all that is not ignored. Its jobs find the packages that are installed here. */
export async function createOwnProject(path: string): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'project-'));
  const { stdout } = await execute('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root });
  for (const file of stdout.trim().split('\n')) await cp(join(root, file), join(folder, file));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  return startProject(path, folder, []);
}

async function writeFiles(folder: string, files: Record<string, string>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}

async function startProject(path: string, folder: string, isolation: string[]): Promise<Project> {
  const home = await mkdtemp(join(tmpdir(), 'home-'));
  const git = (...args: string[]) => execute('git', args, { cwd: folder });
  await git('init', '--quiet', '--initial-branch=main');
  await git('config', 'user.name', 'test');
  await git('config', 'user.email', 'test@example.com');
  await git('remote', 'add', 'origin', `git@gitlab.example.com:${path}.git`);
  await writeFile(join(folder, '.git', 'info', 'exclude'), '.gitlab-ci-local\nvariables.yml\nnode_modules\n');
  await git('add', '--all');
  await git('commit', '--quiet', '--message=first');
  await git('update-ref', 'refs/remotes/origin/main', 'HEAD');
  await git('remote', 'set-head', 'origin', 'main');

  const programs = ['helm', 'helmfile', 'kubectl'] as const;
  const folders = await Promise.all(programs.map(async (program) => dirname(await tool(program))));
  const helmDiff = await findHelmDiff(await tool('helm'));
  const { TMPDIR, KUBECACHEDIR, GOGC } = process.env;
  const env = {
    ...{ TMPDIR, KUBECACHEDIR, GOGC, HOME: home, ...helmDiff.env },
    PATH: [dirname(process.execPath), ...new Set(folders), process.env.PATH].join(delimiter),
  };
  const cli = join(dirname(gitlabCiLocal), 'dist', 'index.js');
  const start = async (source: Source, args: readonly string[]): Promise<Ended> => {
    const known = 'CI_PIPELINE_SOURCE,CI_REGISTRY,CI_REGISTRY_IMAGE';
    const predefined = ['--variable', `CI_PIPELINE_SOURCE=${source}`, '--ignore-predefined-vars', known];
    const runner = ['--force-shell-executor', ...isolation, '--no-color', '--variables-file', 'variables.yml'];
    const child = spawn(process.execPath, [cli, ...runner, ...predefined, ...args], { cwd: folder, env });
    const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    return { code, log: output + errors };
  };
  return {
    helmDiff: helmDiff.name,
    async jobs(source) {
      await writeFile(join(folder, 'variables.yml'), '');
      const { code, log } = await start(source, ['--list-csv']);
      if (code !== 0) throw new Error(log);
      const [, ...lines] = log.split('\n').filter((line) => line.includes(';'));
      return lines.map((line) => {
        const [name = '', stage = '', when = ''] = line.split(';');
        return { name, stage, when };
      });
    },
    async pipeline(source, variables, jobs = []) {
      // Told no type, the runner takes a path for a file.
      const typed = Object.entries(variables).map(([name, variable]) => [
        name,
        typeof variable === 'string' ? { type: 'variable', values: { '*': variable } } : variable,
      ]);
      await writeFile(join(folder, 'variables.yml'), stringify(Object.fromEntries(typed)));
      return start(source, jobs);
    },
    async artifact(name) {
      const content = await readFile(join(folder, name), 'utf8');
      searchOutput(name, content);
      return content;
    },
  };
}
