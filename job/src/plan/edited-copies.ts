import type { SecretRecord } from '../cluster/cluster.ts';
import { marks, ownerMark, patcherMark } from './marks.ts';
import type { Snapshot } from './observe.ts';
import { type OtherTool, otherToolOf } from './other-tools.ts';
import { ownershipOf } from './ownership.ts';
import type { Action, DesiredTarget, Placement, PlanRules } from './placement.ts';
import { carriesReference } from './plan-references.ts';

/** A copy that another program changed since an earlier run. */
export interface EditedCopy {
  namespace: string;
  secretName: string;
  /** The field managers beside ours, one of which it was; none where its record tells nobody. */
  writers: string[];
  /** The program, where the copy carries its marks. */
  tool?: OtherTool;
}

/**
 * The copies that a plan changes although every copy was in line with the same configuration and sources before: somebody
 * else wrote them since. A program that deletes and creates anew, as imagepullsecret-patcher does, takes our marks off.
 */
export function editedCopies(
  placements: readonly Placement[],
  { rules, targets, snapshot }: { rules: PlanRules; targets: readonly DesiredTarget[]; snapshot: Snapshot },
): EditedCopy[] {
  const contents = new Set(targets.map(({ content }) => content));
  const isEdited = (secret: SecretRecord, actions: readonly Action[]): boolean => {
    switch (ownershipOf(secret, rules).kind) {
      case 'ours':
        // A copy that holds what another target has followed that one until now.
        return (
          secret.annotations[marks.owner] === ownerMark(rules.release, secret.namespace) &&
          (!contents.has(secret.content) || actions.some((action) => 'ties' in action))
        );
      case 'patcher':
        // What it left was taken over before: it is still at work.
        return true;
      default:
        // Where it is new to us it is adopted, and nobody took anything from us.
        return carriesReference(secret.name, { rules, snapshot, namespace: secret.namespace });
    }
  };
  return placements.flatMap(({ namespace, secretName, retired, actions }) => {
    const secret = snapshot.secret(namespace, secretName);
    // What a retired copy holds is joined of its namespace's targets, and those change with labels too.
    const changes = !retired && actions.some(({ kind }) => kind === 'updateCopy' || kind === 'replaceCopy');
    if (!secret || !changes || !isEdited(secret, actions)) return [];
    const tool = otherToolOf(secret);
    return [{ namespace, secretName, writers: writersOf(secret, rules), ...(tool ? { tool } : {}) }];
  });
}

function writersOf(secret: SecretRecord, rules: PlanRules): string[] {
  const others = [...new Set(secret.managers)].filter((manager) => manager !== marks.fieldManager);
  switch (ownershipOf(secret, rules).kind) {
    case 'patcher':
      return [patcherMark.value];
    case 'ours':
      // It makes Secrets anew: where our marks are on, its name is on record from before the copy was taken over.
      return others.filter((manager) => manager !== patcherMark.value);
    default:
      return others;
  }
}
