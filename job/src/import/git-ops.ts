import type { SecretRecord } from '../cluster/cluster.ts';

/** A tool that applies what a repository holds, told by the name under which it writes. */
const tools: Record<string, { name: string; release: string }> = {
  // argoproj/argo-cd v3.0.0: common/common.go, docs/user-guide/sync-options.md
  'argocd-controller': {
    name: 'Argo CD',
    release: 'take it out of its Application, with the annotation argocd.argoproj.io/sync-options: Prune=false on it',
  },
  // fluxcd.io, Kustomization: server-side apply, controlling the garbage collection
  'kustomize-controller': {
    name: "Flux's kustomize-controller",
    release: 'take it out of its Kustomization, with the annotation kustomize.toolkit.fluxcd.io/prune: disabled on it',
  },
};

/** Who applies a Secret from a repository, and how to free it: what is taken over would be changed back for ever. */
export function appliedFromGit({ managers }: SecretRecord): { name: string; release: string } | undefined {
  return managers.map((manager) => tools[manager]).find((tool) => tool !== undefined);
}
