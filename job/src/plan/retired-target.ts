import { joinDockerConfigs } from '../credentials/docker-config.ts';
import type { DesiredTarget } from './placement.ts';

/**
 * A function that gives what the copy of a name that was in use once has to hold in a namespace: the credentials of all
 * targets there. Nobody knows which of them a pod that names it needs, and each target has its copy there anyway. Where
 * one of the targets is not in order, the copy stays as it is.
 *
 * Few sets of targets stand against many namespaces, so each set is joined once.
 */
export function retiredTargets(): (targets: readonly DesiredTarget[]) => DesiredTarget | undefined {
  const known = new Map<string, DesiredTarget>();
  return (targets) => {
    const [first] = targets;
    if (!first) return undefined;
    const contents = targets.map(({ content }) => content).filter((content) => content !== undefined);
    if (contents.length < targets.length) return { target: first.target, content: undefined };
    const set = targets.map(({ target }) => target.name).join('/');
    const joined = known.get(set) ?? { target: first.target, content: joinContents(contents) };
    known.set(set, joined);
    return joined;
  };
}

/** Contents are base64, as a copy holds them. One alone stays what it is. */
function joinContents(contents: readonly string[]): string {
  const distinct = [...new Set(contents)];
  if (distinct.length === 1) return distinct[0] as string;
  const texts = distinct.map((content) => Buffer.from(content, 'base64').toString('utf8'));
  return Buffer.from(joinDockerConfigs(texts)).toString('base64');
}
