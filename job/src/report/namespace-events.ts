import { type ClusterErrorKind, problemOf } from '../cluster/cluster-error.ts';
import type { Release } from '../config/config.ts';
import type { Mask } from '../credentials/masking.ts';
import { formatFields, type LogFields } from '../log.ts';
import type { Conflict } from '../plan/placement.ts';
import type { RunResult } from '../run/run-result.ts';
import { describeConflict, describeEditedCopy } from './describe.ts';

/** An Event's `reason`. The chart grants the right to write Events by names that are made of these, so it has them too. */
export const eventReasons = [
  'SecretKept',
  'ListDeclaredElsewhere',
  'ReferenceDeclaredElsewhere',
  'CopyChanged',
  'Failed',
] as const;
export type EventReason = (typeof eventReasons)[number];

/** Something in a namespace that waits for a person. */
export interface NamespaceEvent {
  namespace: string;
  name: string;
  reason: EventReason;
  /** What the job was about to do, in one word. */
  action: string;
  /** What is wrong, and what to do about it. */
  note: string;
}

const reasonOfConflict: Record<Conflict['kind'], EventReason> = {
  keptSecret: 'SecretKept',
  appliedList: 'ListDeclaredElsewhere',
  appliedReference: 'ReferenceDeclaredElsewhere',
};

const actions: Record<EventReason, string> = {
  SecretKept: 'WriteCopy',
  ListDeclaredElsewhere: 'AddReference',
  ReferenceDeclaredElsewhere: 'RemoveReference',
  CopyChanged: 'WriteCopy',
  Failed: 'Sync',
};

/** Failures that somebody has to see to. The others are the API server's, or pass by themselves. */
const needsPerson = new Set<ClusterErrorKind>([
  'forbidden',
  'quota',
  'denied',
  'webhookFailed',
  'invalid',
  'tooLarge',
  'conflict',
]);

/**
 * The Events of a run, one for each namespace, secret name and reason: the conflicts and failures that the report names,
 * in its words.
 */
export function namespaceEvents(result: RunResult, mask: Mask): NamespaceEvent[] {
  const { release } = result.config;
  const found = [
    ...result.placements.flatMap((placement) => {
      const { namespace, secretName, conflicts, failure } = placement;
      const place = { namespace, secretName };
      const kept = conflicts.map((conflict) => ({
        ...place,
        reason: reasonOfConflict[conflict.kind],
        sentence: sentence(describeConflict(placement, conflict)),
      }));
      if (!failure || !needsPerson.has(failure.kind)) return kept;
      const { message, fix } = problemOf(failure);
      return [...kept, { ...place, reason: 'Failed' as const, sentence: `${message}. Fix: ${fix}` }];
    }),
    ...result.editedCopies.map((copy) => ({
      namespace: copy.namespace,
      secretName: copy.secretName,
      reason: 'CopyChanged' as const,
      sentence: sentence(describeEditedCopy(copy)),
    })),
  ];
  const grouped = Map.groupBy(found, ({ namespace, secretName, reason }) => `${namespace}/${secretName}/${reason}`);
  return [...grouped.values()].map((same) => {
    const { namespace, secretName, reason, sentence } = same[0] as (typeof found)[number];
    const more = same.length > 1 ? ` (and ${same.length - 1} more of this kind: see the status ConfigMap)` : '';
    const name = eventName(release, secretName, reason);
    return { namespace, name, reason, action: actions[reason], note: cut(mask.apply(sentence + more)) };
  });
}

/**
 * The name of an Event in any namespace: the same in each run, so that what lasts is one Event. The chart's helper
 * `pullsecret-sync.eventNames` says the same. The reason comes first, so that what is cut off tells no two reasons apart.
 */
export function eventName({ namespace, name }: Release, secretName: string, reason: EventReason): string {
  const whole = [reason.toLowerCase(), namespace, name, secretName].join('.');
  return whole.slice(0, longestName).replace(/[-.]+$/, '');
}

/** What the API takes. Source: k8s.io/kubernetes, pkg/apis/core/validation, NoteLengthLimit, in bytes. */
const longestNote = 1024;
const longestName = 253;

function sentence([message, { namespace: _, fix, ...fields }]: [message: string, fields: LogFields]): string {
  return `${message}: ${formatFields(fields).join(', ')}. Fix: ${fix}`;
}

/** At most as many bytes as a note may have, with no half of a character. */
function cut(note: string): string {
  const bytes = Buffer.from(note);
  if (bytes.length <= longestNote) return note;
  const whole = new TextDecoder().decode(bytes.subarray(0, longestNote - 3), { stream: true });
  return `${whole}…`;
}
