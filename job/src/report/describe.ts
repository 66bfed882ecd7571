import type { Config } from '../config/config.ts';
import type { LogFields } from '../log.ts';
import type { EditedCopy } from '../plan/edited-copies.ts';
import type { Action, Conflict, Placement } from '../plan/placement.ts';
import type { Withheld, WithheldRemovals } from '../plan/removal-limit.ts';

const sentences: Record<Action['kind'], { planned: string; done: string }> = {
  createCopy: { planned: 'create copy', done: 'copy created' },
  updateCopy: { planned: 'update copy', done: 'copy updated' },
  replaceCopy: { planned: 'replace copy', done: 'copy replaced' },
  deleteCopy: { planned: 'delete copy', done: 'copy deleted' },
  handBackCopy: { planned: 'hand Secret back', done: 'Secret handed back' },
  addReference: { planned: 'add reference', done: 'reference added' },
  removeReference: { planned: 'remove reference', done: 'reference removed' },
};

/** An action in words, before or after it was done. */
export function describeAction(
  { namespace, secretName }: Placement,
  action: Action,
  tense: 'planned' | 'done',
): [message: string, fields: LogFields] {
  const fields: LogFields = { namespace, secret: secretName };
  if ('serviceAccount' in action) fields.serviceAccount = action.serviceAccount.name;
  if (action.kind === 'replaceCopy') fields.because = action.because;
  if (action.kind === 'updateCopy' && action.ties) {
    const { labels, annotations, owners } = action.ties;
    fields.takesOff = [...labels, ...annotations, ...(owners ? ['ownerReferences'] : [])].join(', ');
  }
  if ('takenFrom' in action) fields.takenFrom = action.takenFrom;
  return [sentences[action.kind][tense], fields];
}

/** A conflict in words: what is left alone, whose it is, and what would change that. */
export function describeConflict(
  { namespace, secretName }: Placement,
  conflict: Conflict,
): [message: string, fields: LogFields] {
  switch (conflict.kind) {
    case 'keptSecret':
      return [
        'the Secret belongs to someone else and is kept',
        {
          namespace,
          secret: secretName,
          owner: conflict.owner,
          fix: fixOfKept(conflict),
        },
      ];
    case 'appliedList':
      return [
        'the list of pull secrets is declared by another tool and is left alone',
        {
          namespace,
          secret: secretName,
          serviceAccount: conflict.serviceAccount,
          declaredBy: conflict.manager,
          fix: `add ${secretName} to the list there, or set serviceAccounts.skipApplied: false`,
        },
      ];
    case 'appliedReference':
      return [
        'our reference is wanted no more, stands in a list of pull secrets that another tool declares, and is left alone',
        {
          namespace,
          secret: secretName,
          serviceAccount: conflict.serviceAccount,
          declaredBy: conflict.manager,
          fix: `take ${secretName} out of the list there and apply it again, or set serviceAccounts.skipApplied: false`,
        },
      ];
  }
}

function fixOfKept({ adoptable, tool }: Extract<Conflict, { kind: 'keptSecret' }>): string {
  if (!adoptable) return 'exclude the namespace or choose another secretName';
  if (!tool)
    return 'set onConflict: adopt to take it over, delete it, exclude the namespace, or choose another secretName';
  return `to take it over ${tool.stop}, and set onConflict: adopt; else exclude the namespace or choose another secretName`;
}

/** Another program changed a copy: nothing is refused, but the two will not rest. */
export function describeEditedCopy({
  namespace,
  secretName,
  writers,
  tool,
}: EditedCopy): [message: string, fields: LogFields] {
  const known = writers.length > 0 ? writers.join(' or ') : 'unknown: the managedFields of the Secret name nobody else';
  return [
    'another program changed the copy since the last run',
    {
      namespace,
      secret: secretName,
      writer: tool?.name ?? known,
      fix: tool?.stop ?? 'if it happens again, stop that program, or let it leave this Secret alone',
    },
  ];
}

/** What the run would remove so much of that it removes none of it. */
export function describeWithheld({
  config: { maxRemovePercent },
  withheldCopies,
  withheldReferences,
}: WithheldRemovals & { config: Pick<Config, 'maxRemovePercent'> }): Array<[message: string, fields: LogFields]> {
  const limits = ({ gone }: Withheld) => ({ ...(gone > 0 ? { removedLately: gone } : {}), maxRemovePercent });
  const meant = 'if it is meant, raise maxRemovePercent for one run';
  const described: Array<[string, LogFields]> = [];
  if (withheldCopies) {
    described.push([
      'the run would remove too many copies and removed none',
      {
        copies: withheldCopies.removals,
        ...limits(withheldCopies),
        fix: `check include, exclude and selector, and the labels of namespaces; ${meant}`,
      },
    ]);
  }
  if (withheldReferences) {
    described.push([
      'the run would take too many references out of ServiceAccounts and took none out',
      {
        references: withheldReferences.removals,
        ...limits(withheldReferences),
        fix: `check include and exclude of serviceAccounts, and the annotations of ServiceAccounts; ${meant}`,
      },
    ]);
  }
  return described;
}
