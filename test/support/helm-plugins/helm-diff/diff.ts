import { spawnSync } from 'node:child_process';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { parseAllDocuments } from 'yaml';

/** helm-diff's exit code for changes, with `--detailed-exitcode`. */
const changesExitCode = 2;
const helm = process.env.HELM_BIN ?? 'helm';
const many = { type: 'string', multiple: true } as const;
const flag = { type: 'boolean' } as const;

process.exitCode = main(process.argv.slice(2));

/** `helm diff upgrade [flags] RELEASE CHART`; prints the names of objects and nothing of what is in them. */
function main(args: string[]): number {
  const { values, positionals } = parseArgs({
    args,
    strict: false,
    allowPositionals: true,
    options: {
      namespace: { type: 'string', short: 'n', default: process.env.HELM_NAMESPACE ?? 'default' },
      values: { ...many, short: 'f' },
      set: many,
      'kube-context': { type: 'string' },
      context: { type: 'string' },
      'detailed-exitcode': flag,
    },
  });
  const [command, release, chart] = positionals;
  if (command !== 'upgrade' || !release || !chart) return 1;

  const where = ['--namespace', String(values.namespace)];
  const given = (['values', 'set'] as const).flatMap((name) =>
    ((values[name] ?? []) as string[]).flatMap((value) => [`--${name}`, value]),
  );
  const rendered = run(['template', release, chart, ...where, ...given, '--no-hooks', '--dry-run=server']);
  if (rendered.status !== 0) {
    console.error(rendered.stderr.trim());
    return 1;
  }
  const installed = run(['get', 'manifest', release, ...where]);
  if (installed.status !== 0 && !/release: not found/.test(installed.stderr)) {
    console.error(installed.stderr.trim());
    return 1;
  }
  const before = objects(installed.stdout);
  const after = objects(rendered.stdout);
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) => !isDeepStrictEqual(before.get(name), after.get(name)),
  );
  for (const name of changed) console.log(`${before.has(name) ? (after.has(name) ? '~' : '-') : '+'} ${name}`);
  return changed.length > 0 && values['detailed-exitcode'] ? changesExitCode : 0;
}

/** Helm, on the cluster of `--kube-context`: Helm takes that flag itself and tells its plugins by HELM_KUBECONTEXT. */
function run(args: string[]) {
  return spawnSync(helm, args, { encoding: 'utf8', maxBuffer: 64 << 20 });
}

function objects(manifest: string): Map<string, unknown> {
  const documents = parseAllDocuments(manifest).map((document) => document.toJS());
  return new Map(
    documents.filter(Boolean).map((one) => [`${one.kind} ${one.metadata.namespace ?? ''}/${one.metadata.name}`, one]),
  );
}
