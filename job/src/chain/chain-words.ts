import { type Chain, firstBroken, type Link, type LinkName, type LinkState } from './chain.ts';

export const linkWords: Record<LinkName, string> = {
  release: 'release',
  lastRun: 'last run',
  namespace: 'namespace',
  selection: 'selection',
  sources: 'sources',
  copy: 'copy',
  serviceAccount: 'ServiceAccount',
  pod: 'pod',
  pullSecrets: 'pull secrets',
  registry: 'registry',
  kubelet: 'kubelet',
};

export const stateWords: Record<LinkState, string> = {
  ok: 'ok',
  broken: 'BROKEN',
  unknown: 'unknown',
  notReached: '-',
};

export function titleOf({ namespace, pod }: Chain): string {
  return pod === undefined ? `Namespace ${namespace}` : `Pod ${namespace}/${pod}`;
}

/** What a link is about, and what was found. */
export function sentenceOf({ about, says }: Link): string {
  return about === undefined ? says : `${about}: ${says}`;
}

/** What it comes to, in one sentence. */
export function verdictOf(chain: Chain): string {
  const broken = firstBroken(chain);
  const images = 'Every image of the pod is on its node';
  if (broken) {
    const link = `irst broken link: ${linkWords[broken.link]}`;
    return chain.pulled ? `${images}. For its next pull, the f${link}` : `F${link}`;
  }
  if (chain.links.some(isUnseen)) return 'Nothing that could be looked at is broken.';
  return chain.pulled ? `${images}, and nothing is broken.` : 'Nothing is broken.';
}

/** Links that somebody with more rights could look at. */
export function isUnseen({ state, fix }: Link): boolean {
  return state === 'unknown' && fix !== undefined;
}
