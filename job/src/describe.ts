import type { LogFields } from './log.ts';
import type { Action, Conflict, NamespacePlan } from './plan.ts';

const sentences: Record<Action['kind'], { planned: string; done: string }> = {
  createCopy: { planned: 'create copy', done: 'copy created' },
  updateCopy: { planned: 'update copy', done: 'copy updated' },
  replaceCopy: { planned: 'replace copy', done: 'copy replaced' },
  addReference: { planned: 'add reference', done: 'reference added' },
};

/** An action in words, before or after it was done. */
export function describeAction(
  { namespace, desired }: NamespacePlan,
  action: Action,
  tense: 'planned' | 'done',
): [message: string, fields: LogFields] {
  const fields: LogFields = { namespace, secret: desired.target.secretName };
  if (action.kind === 'addReference') fields.serviceAccount = action.serviceAccount;
  if (action.kind === 'replaceCopy') fields.because = action.because;
  return [sentences[action.kind][tense], fields];
}

/** A conflict in words: what is left alone, whose it is, and what would change that. */
export function describeConflict(
  namespace: string,
  secretName: string,
  conflict: Conflict,
): [message: string, fields: LogFields] {
  switch (conflict.kind) {
    case 'foreignSecret':
      return [
        'the Secret belongs to someone else and is kept',
        {
          namespace,
          secret: secretName,
          writtenBy: conflict.managers,
          fix: 'delete it, exclude the namespace, or choose another secretName',
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
  }
}
