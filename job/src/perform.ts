import type { Cluster, SecretContent } from './cluster.ts';
import { marks, ownerMark } from './marks.ts';
import type { Action, CopyMarks, Placement, PlanRules } from './placement.ts';

const newCopy: CopyMarks = { labelled: true, adopted: false, retiredAt: undefined };

/** Does one thing of a plan, tied to the object that was observed. */
export async function performAction(
  action: Action,
  placement: Placement,
  { cluster, rules }: { cluster: Cluster; rules: PlanRules },
): Promise<void> {
  const { namespace, secretName: name } = placement;
  const secret = (copyMarks: CopyMarks) => secretContent(placement, copyMarks, rules);
  switch (action.kind) {
    case 'createCopy':
      return cluster.createSecret(secret(newCopy));
    case 'updateCopy':
      return cluster.updateSecret(secret(action.marks), action.observed);
    case 'replaceCopy':
      await cluster.deleteSecret({ namespace, name, observed: action.observed });
      return cluster.createSecret(secret({ ...action.marks, labelled: true }));
    case 'deleteCopy':
      return cluster.deleteSecret({ namespace, name, observed: action.observed });
    case 'handBackCopy': {
      const { labels, annotations, observed } = action;
      return cluster.unmarkSecret({ namespace, name, resourceVersion: observed.resourceVersion, labels, annotations });
    }
    case 'addReference':
    case 'removeReference': {
      const { serviceAccount, observed, imagePullSecrets, added } = action;
      const annotations = { [marks.added]: added };
      const { resourceVersion } = observed;
      return cluster.patchServiceAccount({
        namespace,
        name: serviceAccount,
        resourceVersion,
        imagePullSecrets,
        annotations,
      });
    }
  }
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
