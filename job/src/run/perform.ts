import type { Cluster, SecretContent, ServiceAccountRecord } from '../cluster/cluster.ts';
import { marks, ownerMark } from '../plan/marks.ts';
import type { CopyMarks, CopyRemoval, CopyWrite, Placement, PlanRules, ReferenceChange } from '../plan/placement.ts';
import { changedReferences } from '../plan/plan-references.ts';

const newCopy: CopyMarks = { labelled: true, adopted: false, retiredAt: undefined };

interface Deps {
  cluster: Cluster;
  rules: PlanRules;
}

/** Makes a copy be there and current, tied to the Secret that was observed. */
export async function writeCopy(action: CopyWrite, placement: Placement, { cluster, rules }: Deps): Promise<void> {
  const { namespace, secretName: name } = placement;
  const secret = (copyMarks: CopyMarks) => secretContent(placement, copyMarks, rules);
  switch (action.kind) {
    case 'createCopy':
      await cluster.createSecret(secret(newCopy));
      return;
    case 'updateCopy': {
      const { observed, ties } = action;
      const { resourceVersion } = observed;
      const version = ties ? await cluster.unmarkSecret({ namespace, name, resourceVersion, ...ties }) : observed;
      await cluster.updateSecret(secret(action.marks), version);
      return;
    }
    case 'replaceCopy':
      await cluster.deleteSecret({ namespace, name, observed: action.observed });
      await cluster.createSecret(secret({ ...action.marks, labelled: true }));
  }
}

/** Changes the list of a ServiceAccount, for several names in one patch, if it still is as it was observed. */
export async function patchReferences(
  serviceAccount: ServiceAccountRecord,
  changes: ReadonlyArray<{ kind: ReferenceChange['kind']; secretName: string }>,
  { cluster, rules }: Deps,
): Promise<void> {
  const { namespace, name, resourceVersion } = serviceAccount;
  const { imagePullSecrets, added } = changedReferences(serviceAccount, changes, rules);
  const annotations = { [marks.added]: added };
  await cluster.patchServiceAccount({ namespace, name, resourceVersion, imagePullSecrets, annotations });
}

/** Takes a copy away, or our marks off it, tied to the Secret that was observed. */
export async function removeCopy(action: CopyRemoval, placement: Placement, { cluster }: Deps): Promise<void> {
  const { namespace, secretName: name } = placement;
  const { observed } = action;
  if (action.kind === 'deleteCopy') return cluster.deleteSecret({ namespace, name, observed });
  const { labels, annotations } = action;
  const { resourceVersion } = observed;
  await cluster.unmarkSecret({ namespace, name, resourceVersion, labels, annotations, owners: false });
}

function secretContent(
  { namespace, secretName, desired }: Placement,
  copyMarks: CopyMarks,
  rules: PlanRules,
): SecretContent {
  if (desired?.content === undefined) throw new TypeError(`no content for ${namespace}/${secretName}`);
  return {
    namespace,
    name: secretName,
    labels: copyMarks.labelled ? { [marks.managedBy]: marks.managedByValue } : {},
    annotations: {
      [marks.owner]: ownerMark(rules.release, namespace),
      ...(copyMarks.adopted ? { [marks.adopted]: 'true' } : {}),
      ...(copyMarks.retiredAt === undefined ? {} : { [marks.retiredAt]: copyMarks.retiredAt }),
    },
    content: desired.content,
  };
}
