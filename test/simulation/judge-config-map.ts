import { brokenOutput } from './judge-output.ts';
import type { Knowledge } from './knowledge.ts';
import type { Change, StoredObject } from './model.ts';
import { release, statusName } from './names.ts';

const standStillField = 'annotations/pullsecret-sync.io/stand-still-until';

/** The status is the engine's own, and never goes back in time; a cleanup marks the configuration, and changes nothing in it. */
export function brokenConfigMap({ before, after }: Change, { role }: Knowledge): string | undefined {
  const { namespace, name } = (after ?? before) as StoredObject;
  if (namespace !== release.namespace) return 'a ConfigMap of another namespace changed';
  if (name === statusName) {
    if (!after) return role === 'cleanup' ? undefined : 'a run removed the status';
    if (role === 'cleanup') return 'a cleanup wrote the status';
    if (before && startOf(after) < startOf(before)) return 'an older run overwrote the status of a newer one';
    return brokenOutput([...after.fields.values()].join('\n'));
  }
  if (name !== release.name || role === 'run' || !before || !after) return 'a ConfigMap that is not ours changed';
  for (const field of new Set([...before.fields.keys(), ...after.fields.keys()])) {
    if (field !== standStillField && before.fields.get(field) !== after.fields.get(field)) return `${field} changed`;
  }
  return undefined;
}

/** When the run began that wrote a status. */
function startOf({ fields }: StoredObject): string {
  return /^started: (.*)$/m.exec(fields.get('data/status.yaml') ?? '')?.[1] ?? '';
}
