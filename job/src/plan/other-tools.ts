import type { SecretRecord } from '../cluster/cluster.ts';
import { marks, patcherMark } from './marks.ts';

/** Another program that keeps pull secrets, told by what it leaves on its copies. */
export interface OtherTool {
  name: string;
  /** What of it to stop, so that a copy that we take over is not changed back, and not lost with its source. */
  stop: string;
}

/** What ties a Secret to another tool: what that tool finds it by, and deletes it by. */
export interface Ties {
  labels: string[];
  annotations: string[];
  owners: boolean;
}

const kyvernoPolicy = 'generate.kyverno.io/policy-name';
const reflects = 'reflector.v1.k8s.emberstack.com/reflects';

/** Each was read in the tool's own source, of which the comment names project, version and files. */
const tools: ReadonlyArray<{ left(secret: SecretRecord): boolean; tool(secret: SecretRecord): OtherTool }> = [
  {
    // titansoft-pte-ltd/imagepullsecret-patcher v0.14. It makes Secrets anew, without our marks: where they are on, its own
    // is from before the copy was taken over. Namespace and Deployment are those of its examples.
    left: ({ annotations }) =>
      annotations[patcherMark.key] === patcherMark.value && annotations[marks.owner] === undefined,
    tool: () => ({
      name: patcherMark.value,
      stop: `stop it: kubectl scale deployment ${patcherMark.value} --replicas=0 --namespace ${patcherMark.value} (where it is elsewhere: kubectl get deployments --all-namespaces)`,
    }),
  },
  {
    // emberstack/kubernetes-reflector v9.1: Mirroring/Core/Annotations.cs, ResourceMirror.cs
    left: ({ annotations }) => reflects in annotations,
    tool: ({ annotations }) => ({
      name: `reflector, from ${annotations[reflects]}`,
      stop: 'scale the Deployment reflector to 0, since it deletes its copies with their source',
    }),
  },
  {
    // mittwald/kubernetes-replicator v2.12: replicate/common/consts.go, replicate/secret/secrets.go
    left: ({ annotations }) =>
      'replicator.v1.mittwald.de/replicated-from-version' in annotations ||
      'replicator.v1.mittwald.de/replicate-from' in annotations,
    tool: () => ({
      name: 'kubernetes-replicator',
      stop: 'scale the Deployment kubernetes-replicator to 0, since it deletes or empties its copies with their source',
    }),
  },
  {
    // zakkg3/ClusterSecret v0.0.15: src/consts.py, src/handlers.py
    left: ({ annotations }) => 'clustersecret.io/created-by' in annotations,
    tool: () => ({
      name: 'ClusterSecret',
      stop: 'scale the Deployment of ClusterSecret to 0, since it deletes its copies with their ClusterSecret',
    }),
  },
  {
    // kyverno/kyverno v1.19: pkg/background/common/labels.go; the same for a GeneratingPolicy in pkg/cel/libs/context.go
    left: ({ labels }) => kyvernoPolicy in labels,
    tool: ({ labels }) => ({
      name: `the Kyverno policy ${labels[kyvernoPolicy]}`,
      stop: `turn synchronize off in the Kyverno policy ${labels[kyvernoPolicy]}, since it changes its copies back and deletes them with the policy`,
    }),
  },
  {
    // External Secrets, Sealed Secrets and others name the object that the Secret is made from as its owner.
    left: ({ owners }) => owners.length > 0,
    tool: ({ owners }) => ({
      name: `the ${owners[0]}`,
      stop: `delete the ${owners[0]} with --cascade=orphan, since what it belongs to may write it again`,
    }),
  },
];

/** The tool that made a Secret or wrote it last, where its marks tell. */
export function otherToolOf(secret: SecretRecord): OtherTool | undefined {
  return tools.find(({ left }) => left(secret))?.tool(secret);
}

const tiedLabels = ['generate.kyverno.io/', 'clustersecret.io'];
const tiedAnnotations = ['reflector.v1.k8s.emberstack.com/', 'replicator.v1.mittwald.de/', 'clustersecret.io/'];

/**
 * What has to go from a Secret that is to be our copy. A tool that is started again deletes, by these, what has no source
 * any more, and copies on what looks like a source; Kubernetes deletes what its owner leaves. A copy belongs to nobody else.
 */
export function tiesOf({ labels, annotations, owners }: SecretRecord): Ties | undefined {
  const ties = {
    labels: Object.entries(labels).flatMap(([key, value]) => (isTiedLabel(key, value) ? [key] : [])),
    annotations: Object.keys(annotations).filter((key) => tiedAnnotations.some((prefix) => key.startsWith(prefix))),
    owners: owners.length > 0,
  };
  return ties.owners || ties.labels.length > 0 || ties.annotations.length > 0 ? ties : undefined;
}

export function isTiedLabel(key: string, value: string): boolean {
  return tiedLabels.some((prefix) => key.startsWith(prefix)) || (key === marks.managedBy && value === 'kyverno');
}
