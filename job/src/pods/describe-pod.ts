import type { LogFields } from '../log.ts';
import type { StuckPod } from './stuck-pods.ts';

/** The eviction of a pod that came too early, in words. */
export function describeEviction(
  { pod, image, secretName }: StuckPod,
  tense: 'planned' | 'done',
): [message: string, fields: LogFields] {
  const { namespace, name, controller } = pod;
  return [
    tense === 'done' ? 'stuck pod evicted' : 'evict stuck pod',
    { namespace, pod: name, controller: `${controller?.kind}/${controller?.name}`, image, secret: secretName },
  ];
}
