import type { NamespaceRecord } from '../cluster/cluster.ts';
import { whyNamespaceLeftOut } from '../plan/why-left-out.ts';
import type { Link } from './chain.ts';
import type { Observed, SeenTarget } from './observed.ts';
import { linkOf, unseenLink } from './seen.ts';

export function namespaceLink({ namespace, asked, similar }: Observed): Link {
  const { namespace: name } = asked;
  if ('not' in namespace) return unseenLink('namespace', namespace.not);
  if (!namespace.is) {
    const near = similar.length > 0 ? ` (did you mean ${similar.join(' or ')}?)` : '';
    return linkOf('namespace', 'broken', `there is no namespace ${name}${near}`, {
      fix: 'see which there are: kubectl get namespaces',
    });
  }
  if (namespace.is.terminating) {
    return linkOf('namespace', 'broken', `${name} is being deleted, and nothing can be made in it any more`, {
      fix: `wait until it is gone; where it stays, its conditions say why: kubectl get namespace ${name} -o yaml`,
    });
  }
  return linkOf('namespace', 'ok', `${name} is there`);
}

/** The targets that have their copy in a namespace: the first of each secret name that selects it. */
export function winnersIn(namespace: NamespaceRecord, targets: readonly SeenTarget[]): SeenTarget[] {
  const selecting = targets.filter(({ target }) => !whyNamespaceLeftOut(target.namespaces, namespace));
  return selecting.filter((one, index) => selecting.findIndex((other) => hasNameOf(other, one)) === index);
}

function hasNameOf(one: SeenTarget, other: SeenTarget): boolean {
  return one.target.secretName === other.target.secretName;
}

/** By which targets the namespace is selected, and why not by the others. */
export function selectionLinks(observed: Observed, namespace: NamespaceRecord): Link[] {
  const { targets } = observed;
  const winners = winnersIn(namespace, targets);
  const losers = targets
    .filter((one) => !winners.includes(one))
    .map((one) => ({ name: one.target.name, ...whyNot(one, namespace, winners) }));
  const reasons = losers.map(({ name, because }) => `${name}: ${because}`).join('; ');
  // Without the right to see the namespace, only its name is known.
  const isSure = 'is' in observed.namespace;
  if (winners.length === 0) {
    const fixes = [...new Set(losers.map(({ fix }) => fix))].join('; or ');
    return [linkOf('selection', isSure ? 'broken' : 'unknown', `no target selects it: ${reasons}`, { fix: fixes })];
  }
  const selected = winners.map(({ target: { name, secretName } }) =>
    isSure
      ? linkOf('selection', 'ok', `selected, for ${secretName}`, { about: `target ${name}` })
      : linkOf('selection', 'unknown', `selected for ${secretName} as far as the name tells`, {
          about: `target ${name}`,
        }),
  );
  if (losers.length === 0) return selected;
  return [...selected, linkOf('selection', 'notReached', reasons, { about: 'other targets' })];
}

function whyNot({ target }: SeenTarget, namespace: NamespaceRecord, winners: readonly SeenTarget[]) {
  const leftOut = whyNamespaceLeftOut(target.namespaces, namespace);
  if (leftOut) return leftOut;
  const first = winners.find((one) => one.target.secretName === target.secretName);
  return {
    because: `${first?.target.name} comes first for ${target.secretName}`,
    fix: 'change the priority of the profiles',
  };
}
