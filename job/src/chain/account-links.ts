import { addedMark, marks, parseAdded } from '../plan/marks.ts';
import { whyServiceAccountLeftOut } from '../plan/why-left-out.ts';
import { someOf } from '../some-of.ts';
import type { Link } from './chain.ts';
import type { Observed, SeenTarget, ServiceAccountSeen } from './observed.ts';
import { runNow } from './run-links.ts';
import { linkOf, unseenLink } from './seen.ts';

/** Whether a ServiceAccount names a target's copy, and why not. */
export function accountLink(name: string, seen: SeenTarget, observed: Observed): Link {
  const { serviceAccounts, asked } = observed;
  if ('not' in serviceAccounts) return unseenLink('serviceAccount', serviceAccounts.not, name);
  const account = serviceAccounts.is.find((one) => one.name === name);
  if (account) return linkOfAccount(account, seen, observed);
  return linkOf('serviceAccount', 'broken', `there is no ServiceAccount ${name}, so no pod can be made with it`, {
    about: name,
    fix: `kubectl create serviceaccount ${name} --namespace ${asked.namespace}`,
  });
}

/** Whether the ServiceAccounts that a target wants name its copy: each that does not, and the others together. */
export function accountsLinks(seen: SeenTarget, observed: Observed): Link[] {
  const { serviceAccounts } = observed;
  if ('not' in serviceAccounts) return [unseenLink('serviceAccount', serviceAccounts.not)];
  const wanted = serviceAccounts.is.filter((one) => !whyServiceAccountLeftOut(seen.target.serviceAccounts, one));
  if (wanted.length === 0) {
    const says = `there is none that target ${seen.target.name} wants: ${seen.target.serviceAccounts.include.join(', ')}`;
    return [linkOf('serviceAccount', 'broken', says, { fix: 'check serviceAccounts.include' })];
  }
  const links = wanted.map((account) => linkOfAccount(account, seen, observed));
  const good = links.filter(({ state }) => state === 'ok').map(({ about = '' }) => about);
  if (good.length < 2) return links;
  const together = linkOf('serviceAccount', 'ok', `they name ${seen.target.secretName}`, { about: someOf(good) });
  return [together, ...links.filter(({ state }) => state !== 'ok')];
}

function linkOfAccount(account: ServiceAccountSeen, seen: SeenTarget, observed: Observed): Link {
  const { name, imagePullSecrets, annotations, listAppliedBy, listWriters } = account;
  const { secretName, serviceAccounts } = seen.target;
  const link = (state: Link['state'], says: string, fix?: string) =>
    linkOf('serviceAccount', state, says, { about: name, fix });
  if (imagePullSecrets.includes(secretName)) return link('ok', `it names ${secretName}`);
  const leftOut = whyServiceAccountLeftOut(serviceAccounts, account);
  if (leftOut) {
    const says = `it does not name ${secretName}: target ${seen.target.name} leaves it out, since ${leftOut.because}`;
    return link('broken', says, leftOut.fix);
  }
  if (serviceAccounts.skipApplied && listAppliedBy !== undefined) {
    return link(
      'broken',
      `it does not name ${secretName}, and its list is declared by another tool (${listAppliedBy})`,
      `add ${secretName} to the list there, or set serviceAccounts.skipApplied: false`,
    );
  }
  if (parseAdded(annotations[marks.added]).includes(addedMark(observed.config.release, secretName))) {
    const by = listWriters.filter((manager) => manager !== marks.fieldManager).at(-1);
    // Kubernetes makes a ServiceAccount `default` without a field, and then notes no writer of it until somebody applies it.
    const who = by === undefined ? 'somebody took it out, and it does not tell who' : `${by} took it out`;
    const says = `it does not name ${secretName} any more: ${who}`;
    return link('broken', says, `${runNow(observed)}; if it happens again, stop what writes the list`);
  }
  return link('broken', `it does not name ${secretName} yet`, runNow(observed));
}
