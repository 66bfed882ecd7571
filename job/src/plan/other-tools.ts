import type { SecretRecord } from '../cluster/cluster.ts';
import { patcherMark } from './marks.ts';

/** Another program that keeps pull secrets, told by what it leaves on its copies. */
export interface OtherTool {
  name: string;
  /** What of it to stop, and in which order, so that a copy that we take over is not lost or changed back. */
  stop: string;
}

type Marked = Pick<SecretRecord, 'labels' | 'annotations' | 'managers'>;

/** The label by which Kyverno finds what a rule of a policy generated. */
const kyvernoPolicy = 'generate.kyverno.io/policy-name';

/** Each was read in the tool's own source, of which the comment names project and version. */
const tools: ReadonlyArray<{ left(secret: Marked): boolean; tool(secret: Marked): OtherTool }> = [
  {
    // titansoft-pte-ltd/imagepullsecret-patcher v0.14
    left: ({ annotations }) => annotations[patcherMark.key] === patcherMark.value,
    tool: () => ({ name: 'imagepullsecret-patcher', stop: 'delete its Deployment' }),
  },
  {
    // emberstack/kubernetes-reflector v9, Mirroring/Core/Annotations.cs and ResourceMirror.cs
    left: ({ annotations }) => 'reflector.v1.k8s.emberstack.com/reflects' in annotations,
    tool: ({ annotations }) => ({
      name: `reflector, from ${annotations['reflector.v1.k8s.emberstack.com/reflects']}`,
      stop: 'scale the Deployment of reflector to 0 until its source is gone, or it deletes its copies with the source',
    }),
  },
  {
    // mittwald/kubernetes-replicator v2.12, replicate/common/consts.go and replicate/secret/secrets.go
    left: ({ annotations }) =>
      'replicator.v1.mittwald.de/replicated-from-version' in annotations ||
      'replicator.v1.mittwald.de/replicate-from' in annotations,
    tool: () => ({
      name: 'kubernetes-replicator',
      stop: 'scale the Deployment of kubernetes-replicator to 0 until its source is gone, or it deletes or empties its copies with the source',
    }),
  },
  {
    // zakkg3/ClusterSecret v0.0.10, src/consts.py and src/handlers.py
    left: ({ annotations }) => 'clustersecret.io/created-by' in annotations,
    tool: () => ({
      name: 'ClusterSecret',
      stop: 'scale the Deployment of ClusterSecret to 0 until the ClusterSecret is gone, its finalizer taken off, or it deletes its copies with it',
    }),
  },
  {
    // kyverno/kyverno v1.19, pkg/background/common/labels.go; the same for a GeneratingPolicy, pkg/cel/libs/context.go
    left: ({ labels }) => kyvernoPolicy in labels,
    tool: ({ labels }) => ({
      name: `Kyverno policy ${labels[kyvernoPolicy]}`,
      stop: `set synchronize: false in the rules of the Kyverno policy ${labels[kyvernoPolicy]}, or Kyverno changes its copies back, and deletes them with the policy`,
    }),
  },
];

/** The tool that made a Secret or wrote it last, where its marks tell. */
export function otherToolOf(secret: Marked): OtherTool | undefined {
  return tools.find(({ left }) => left(secret))?.tool(secret);
}
