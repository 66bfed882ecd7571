import { exitCode } from '../exit-code.ts';
import type { LogFields } from '../log.ts';
import { printable } from '../printable.ts';
import { type Problem, ProblemError } from '../problem.ts';
import { someOf } from '../some-of.ts';
import { describeImport } from './describe-import.ts';
import type { Finding, ImportDescription } from './import-description.ts';
import { type LookDeps, lookAtCluster } from './look-at-cluster.ts';
import { valuesFile } from './values-file.ts';
import { writeWhole } from './write-whole.ts';

export interface ImportOptions {
  /** Where the values are written to. Default: the standard output. */
  output?: string;
  overwrite: boolean;
  /** Only Secrets of these names; none: all. */
  secretName: string[];
}

export interface ImportDeps extends LookDeps {
  version: string;
  write(text: string): void;
}

/**
 * Reads the cluster and writes values of the chart that would manage what is there.
 *
 * @throws {ProblemError} where there is nothing to manage, or the file cannot be written
 */
export async function importCommand(
  deps: ImportDeps,
  { output, overwrite, secretName }: ImportOptions,
): Promise<number> {
  const description = describeImport(await lookAtCluster(deps, secretName));
  tell(description, secretName, deps);
  if (description.targets.length === 0) throw nothingFound(secretName);
  const values = valuesFile(description, deps.version);
  if (output === undefined) deps.write(values);
  else await writeValues(output, values, overwrite);
  deps.log.info('the values are written; add the credentials before you install with them', {
    file: output,
    secrets: [...new Set(description.targets.map((target) => target.secretName))],
    profiles: description.targets.length - 1,
  });
  return exitCode.ok;
}

/** The same as in the file's comments, for whoever is at the terminal. */
function tell({ findings, leftOut, targets }: ImportDescription, asked: readonly string[], { log }: ImportDeps): void {
  const missing = asked.filter((name) => targets.every(({ secretName }) => secretName !== name));
  for (const name of missing) log.warn('no Secret of this name can be imported', { secret: name });
  for (const finding of leftOut) log.info('left out', fieldsOf(finding));
  for (const finding of findings) log.warn('to expect at the installation', fieldsOf(finding));
}

function fieldsOf({ places, what, fix }: Finding): LogFields {
  return {
    objects: someOf(places),
    reason: printable(what),
    fix: fix === undefined ? undefined : printable(fix),
  };
}

async function writeValues(file: string, values: string, overwrite: boolean): Promise<void> {
  try {
    await writeWhole(file, values, overwrite);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no reason';
    throw new ProblemError(unwritten(file, code), exitCode.incomplete);
  }
}

function unwritten(file: string, code: string): Problem {
  switch (code) {
    case 'EEXIST':
      return {
        message: `the file ${file} is there already`,
        fix: 'name another one with --output, or add --overwrite',
      };
    case 'ENOSPC':
    case 'EDQUOT':
      return {
        message: `the file ${file} cannot be written: there is no room left for it (${code})`,
        fix: 'make room, or name a file elsewhere with --output',
      };
    default:
      return {
        message: `the file ${file} cannot be written (${code})`,
        fix: 'check that its folder is there and may be written',
      };
  }
}

function nothingFound(asked: readonly string[]): ProblemError {
  const what = asked.length > 0 ? `of the name ${asked.join(' or ')} ` : '';
  return new ProblemError(
    {
      message: `there is no pull secret ${what}that a release could manage`,
      fix: 'install the chart with registries of your own; the lines above say what was left out',
    },
    exitCode.incomplete,
  );
}
