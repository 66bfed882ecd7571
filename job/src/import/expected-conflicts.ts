import type { ServiceAccountRecord } from '../cluster/cluster.ts';
import { otherToolOf } from '../plan/other-tools.ts';
import { namespaceSelector, serviceAccountSelector } from '../plan/selection.ts';
import { appliedFromGit } from './git-ops.ts';
import { holderOf } from './holders.ts';
import type { PatcherRecord } from './import-cluster.ts';
import { type Finding, type ImportedTarget, joinFindings } from './import-description.ts';
import { secretPlace } from './names-to-import.ts';
import type { PullSecret } from './pull-secret.ts';
import type { Surroundings } from './surroundings.ts';

/** Secrets in the namespaces that a release may select. */
export type SecretsByName = ReadonlyMap<string, PullSecret[]>;

const anew = 'is deleted and created anew, the only way that the API leaves';

/** What an installation with these values meets that is not plain taking over. */
export function expectedConflicts(
  targets: readonly ImportedTarget[],
  byName: SecretsByName,
  patchers: readonly PatcherRecord[],
  surroundings: Surroundings,
): Finding[] {
  const names = [...new Set(targets.map(({ secretName }) => secretName))];
  const placements = names.flatMap((name) => {
    const targetIn = firstTarget(targets.filter(({ secretName }) => secretName === name));
    const secrets = new Map((byName.get(name) ?? []).map((secret) => [secret.record.namespace, secret]));
    return surroundings.namespaces.flatMap((namespace) => {
      const target = targetIn(namespace);
      return target ? [{ namespace: namespace.name, target, secret: secrets.get(namespace.name) }] : [];
    });
  });
  const accounts = Map.groupBy(surroundings.serviceAccounts, ({ namespace }) => namespace);
  return joinFindings([
    ...patchers.filter(({ runs }) => runs).map(runningPatcher),
    ...names.flatMap((name) => byName.get(name) ?? []).flatMap(strangers),
    ...placements.flatMap(({ target, secret }) => (secret ? secretFindings(secret, target) : [])),
    ...placements.flatMap(({ namespace, target, secret }) =>
      appliedLists(accounts.get(namespace) ?? [], target, secret),
    ),
  ]);
}

type NamespaceOf = Surroundings['namespaces'][number];

/** The target that selects a namespace: a higher priority first, then a profile, the top-level values last, as in the chart. */
function firstTarget(targets: readonly ImportedTarget[]): (namespace: NamespaceOf) => ImportedTarget | undefined {
  const ordered = targets
    .toSorted((a, b) => b.priority - a.priority || Number(a.key === '') - Number(b.key === ''))
    .map((target) => ({ target, selects: namespaceSelector({ ...target.namespaces, selector: {} }) }));
  return (namespace) => ordered.find(({ selects }) => selects(namespace))?.target;
}

function runningPatcher({ namespace, name }: { namespace: string; name: string }): Finding {
  return {
    what: 'is imagepullsecret-patcher and puts its own copies back, by deleting what is there',
    places: [`Deployment ${namespace}/${name}`],
    fix: `stop it before the installation: kubectl scale deployment ${name} --replicas=0 --namespace ${namespace}`,
  };
}

function strangers({ record }: PullSecret): Finding[] {
  if (holderOf(record).kind !== 'stranger') return [];
  const what = `has the type ${record.type} and holds no docker config: its namespace is left out, since taking it over would delete it`;
  return [{ what, places: [secretPlace(record)], fix: 'give one of the two another name' }];
}

function secretFindings(secret: PullSecret, { onConflict }: ImportedTarget): Finding[] {
  const { record, faults, warnings, canonical } = secret;
  const places = [secretPlace(record)];
  const holder = holderOf(record);
  if (holder.kind === 'helm') {
    const what = `belongs to the Helm release ${holder.release} and is never touched`;
    return [{ what, places, fix: 'take it out of that chart, and the next run puts a copy in its place' }];
  }
  const findings: Finding[] = faults.map(({ message, fix }) => ({
    what: `has something wrong: ${message}`,
    places,
    fix,
  }));
  findings.push(...warnings.map((warning) => ({ what: `has something to know: ${warning}`, places })));
  const tool = holder.kind === 'other' ? otherToolOf(record) : undefined;
  if (tool) findings.push({ what: `is kept by ${tool.name}`, places, fix: `before the installation, ${tool.stop}` });
  const applied = appliedFromGit(record);
  if (applied) {
    const fix = `before the installation, ${applied.release}`;
    findings.push({ what: `is applied by ${applied.name}, which changes it back`, places, fix });
  }
  if (holder.kind === 'other' && onConflict === 'keep') {
    return [
      ...findings,
      { what: 'was made by others and is kept', places, fix: 'set onConflict: adopt to take it over' },
    ];
  }
  if (record.type !== 'kubernetes.io/dockerconfigjson') {
    findings.push({ what: `has the type ${record.type} and ${anew}`, places });
  } else if (record.immutable && record.content !== canonical) {
    findings.push({ what: `is immutable and ${anew}`, places });
  }
  return findings;
}

/** Lists of pull secrets that another tool declares, and that lack the name. */
function appliedLists(
  accounts: readonly ServiceAccountRecord[],
  { secretName, serviceAccounts }: ImportedTarget,
  secret: PullSecret | undefined,
): Finding[] {
  if (secret && holderOf(secret.record).kind === 'helm') return [];
  const wants = serviceAccountSelector({ include: serviceAccounts, exclude: [], skipApplied: true });
  return accounts
    .filter((one) => wants(one) && !one.imagePullSecrets.includes(secretName))
    .flatMap(({ namespace, name, listAppliedBy }) =>
      listAppliedBy === undefined
        ? []
        : [
            {
              what: `has a list of pull secrets that ${listAppliedBy} declares, and does not get ${secretName}`,
              places: [`ServiceAccount ${namespace}/${name}`],
              fix: `add ${secretName} to the list there, or set serviceAccounts.skipApplied: false`,
            },
          ],
    );
}
