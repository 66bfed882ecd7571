import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { tool } from './tools.ts';

const run = promisify(execFile);

/** The base of an image: its name with its digest, and what the image says of it. */
export interface Base {
  name: string;
  /** https://github.com/opencontainers/image-spec/blob/v1.1.1/annotations.md */
  annotations: Record<string, string>;
}

/**
 * Ties a base to its digest, as a tag may be another image tomorrow: all platforms of one image get the same, and who builds
 * it again can name it.
 *
 * @param wanted its name with a tag or a digest, or `scratch`; default: what job/Dockerfile names
 * @throws an Error where its registry does not tell the digest
 */
export async function pinBase(wanted: string | undefined): Promise<Base> {
  const base = wanted ?? (await defaultBase());
  if (base === 'scratch') return { name: base, annotations: {} };
  const [name, given] = base.split('@') as [string, string?];
  const digest = given ?? (await digestOf(name));
  const prefix = 'org.opencontainers.image.base';
  return { name: `${name}@${digest}`, annotations: { [`${prefix}.name`]: name, [`${prefix}.digest`]: digest } };
}

async function defaultBase(): Promise<string> {
  const dockerfile = await readFile(join(import.meta.dirname, '..', 'job', 'Dockerfile'), 'utf8');
  const [, name] = /^ARG BASE=(\S+)$/m.exec(dockerfile) ?? [];
  if (!name) throw new Error('job/Dockerfile names no base: give one with --base');
  return name;
}

async function digestOf(name: string): Promise<string> {
  const { stdout } = await run(await tool('crane'), ['digest', name]).catch(({ stderr }: { stderr: string }) => {
    const answer = stderr.trim().split('\n').at(-1);
    throw new Error(`the base image ${name} is not to be had: name another one with --base (${answer})`);
  });
  return stdout.trim();
}
