import { type ClusterError, groupedResource, missingRule, remedy } from '../cluster/cluster-error.ts';
import type { Link, LinkName } from './chain.ts';

/** A link that could not be looked at, with the right that is missing and how to ask for it. */
export function unseenLink(link: LinkName, error: ClusterError, about?: string): Link {
  const { message } = error;
  if (error.kind !== 'forbidden') return linkOf(link, 'unknown', `not seen: ${message}`, { about, fix: remedy(error) });
  const [cannot = message] = message.split(': ');
  return linkOf(link, 'unknown', `not seen: you ${cannot}`, { about, fix: askForRight(error) });
}

function askForRight(error: ClusterError): string {
  const { verb, name, namespace } = error.request;
  const what = [groupedResource(error.request), ...(name === undefined ? [] : [name])].join('/');
  const where = namespace === undefined ? '' : ` --namespace ${namespace}`;
  return `choose a context whose user has the right ${missingRule(error)}; "kubectl auth can-i ${verb} ${what}${where}" tells`;
}

/** A link, without the fields that it has no value for. */
export function linkOf(
  link: LinkName,
  state: Link['state'],
  says: string,
  { about, fix }: { about?: string | undefined; fix?: string | undefined } = {},
): Link {
  return { link, ...(about === undefined ? {} : { about }), state, says, ...(fix === undefined ? {} : { fix }) };
}

/** Links that do not come into play, since one before them is broken. */
export function notReached(...links: LinkName[]): Link[] {
  return links.map((link) => linkOf(link, 'notReached', 'not reached'));
}
