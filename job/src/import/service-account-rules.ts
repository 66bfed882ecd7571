import type { ServiceAccountRecord } from '../cluster/cluster.ts';
import { someOf } from '../some-of.ts';

/**
 * The ServiceAccounts that are to name a Secret, from those that do. A name stands for the ServiceAccounts of that name in
 * every namespace of the target, so the ones that are new to it are told.
 *
 * @param serviceAccounts those in the namespaces of the target
 */
export function serviceAccountRules(
  secretName: string,
  serviceAccounts: readonly ServiceAccountRecord[],
): { include: string[]; remarks: string[] } {
  const [naming = [], others = []] = [true, false].map((does) =>
    serviceAccounts.filter(({ imagePullSecrets }) => imagePullSecrets.includes(secretName) === does),
  );
  const names = [...new Set(naming.map(({ name }) => name))].toSorted();
  if (names.length === 0) {
    return {
      include: ['default'],
      remarks: [
        'No ServiceAccount names it: pods do that themselves, or nobody uses it. From now on "default" does, in each namespace.',
      ],
    };
  }
  if (others.length === 0 && names.some((name) => name !== 'default')) {
    return {
      include: ['*'],
      remarks: ['Every ServiceAccount there names it. With a glob the job may patch all of them.'],
    };
  }
  // A list that another tool declares is left alone, and told as a conflict.
  const added = others
    .filter(({ name, listAppliedBy }) => names.includes(name) && listAppliedBy === undefined)
    .map(placeOf);
  return {
    include: names,
    remarks: added.length > 0 ? [`These do not name it yet, and will: ${someOf(added.toSorted())}.`] : [],
  };
}

function placeOf({ namespace, name }: ServiceAccountRecord): string {
  return `${namespace}/${name}`;
}
