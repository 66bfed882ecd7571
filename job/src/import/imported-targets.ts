import { type ContentGroup, groupsByContent, namespacesOf } from './content-groups.ts';
import { holderOf, isClosed, isTakeable } from './holders.ts';
import type { ImportedTarget } from './import-description.ts';
import type { ImportInput } from './import-input.ts';
import { secretPlace } from './names-to-import.ts';
import { exactNamespaces, namespaceRules, type Occupied, patcherNamespaces } from './namespace-rules.ts';
import { type PatcherSettings, patcherSettings } from './patcher-settings.ts';
import type { PullSecret } from './pull-secret.ts';
import { serviceAccountRules } from './service-account-rules.ts';
import type { Surroundings } from './surroundings.ts';
import { registryValues } from './value-keys.ts';

const backToKeep =
  'Set it back to "keep" after the first run: what is taken over stays so, and nothing that gets this name later is overwritten.';

/** A target, and the Secrets that it takes over. */
export interface TargetOfSecrets {
  target: ImportedTarget;
  group: ContentGroup;
}

/**
 * The targets of one name: one for the content that most namespaces have, and one for each other content, with exactly its
 * namespaces. None where no Secret of the name names a registry.
 *
 * @param secrets all of that name, whoever has them, where a release may select them
 * @param keyOf gives a target its key
 */
export function targetsOf(
  secretName: string,
  secrets: PullSecret[],
  input: ImportInput,
  surroundings: Surroundings,
  keyOf: (text: string) => string,
): TargetOfSecrets[] {
  const patcher = input.patchers.map(patcherSettings).find((settings) => settings.secretName === secretName);
  const isMeant = ({ record }: PullSecret) =>
    isTakeable(record) && !patcher?.excludedNamespaces.includes(record.namespace);
  const [main, ...others] = groupsByContent(secrets.filter(isMeant));
  if (!main) return [];
  const first = mainTarget(secretName, main, { secrets, input, surroundings, patcher, keyOf });
  const priority = first.key !== '' && first.namespaces.include.includes('*') ? 1 : 0;
  return [
    { target: first, group: main },
    ...others.map((group) => {
      const key = keyOf(`${secretName}-${namespacesOf(group.secrets)[0]}`);
      const differs = 'Other logins under the same name. Where they are out of date, take this profile out.';
      const target = targetOf(secretName, key, group, surroundings);
      return { group, target: { ...target, priority, remarks: { ...target.remarks, target: [differs] } } };
    }),
  ];
}

interface MainContext {
  secrets: PullSecret[];
  input: ImportInput;
  surroundings: Surroundings;
  patcher: PatcherSettings | undefined;
  keyOf(text: string): string;
}

function mainTarget(
  secretName: string,
  group: ContentGroup,
  { secrets, input, surroundings, patcher, keyOf }: MainContext,
): ImportedTarget {
  const own = targetOf(secretName, keyOf(secretName), group, surroundings);
  const kept = secrets.filter(({ record }) => holderOf(record).kind === 'helm');
  const occupied: Occupied = {
    namespaces: namespacesOf([
      ...group.secrets,
      ...kept.filter(({ record }) => !surroundings.isSystem(record.namespace)),
    ]),
    held: new Set(namespacesOf(secrets.filter(({ record }) => !isClosed(record)))),
    closed: new Set(namespacesOf(secrets.filter(({ record }) => isClosed(record)))),
  };
  const { rules, remarks } = patcher
    ? patcherNamespaces(patcher, occupied, surroundings)
    : namespaceRules(occupied, surroundings);
  const target = { ...own, namespaces: rules, remarks: { ...own.remarks, namespaces: remarks } };
  return patcher ? asPatcherDid(target, patcher, input) : target;
}

/** A running tool's settings say what was meant; what lies in the cluster is only what came of it. */
function asPatcherDid(
  target: ImportedTarget,
  patcher: PatcherSettings,
  { patchers, secrets }: ImportInput,
): ImportedTarget {
  const source = patchers.find((one) => patcherSettings(one).secretName === target.secretName);
  const copied = secrets.find(
    ({ record }) => record.namespace === source?.namespace && source.sources.includes(record.name),
  );
  return {
    ...target,
    serviceAccounts: patcher.serviceAccounts,
    onConflict: patcher.force ? 'adopt' : 'keep',
    remarks: {
      ...target.remarks,
      target: ['As imagepullsecret-patcher is set.', ...patcher.remarks.map((remark) => `${remark}.`)],
      registries: copied ? [existingRemark(copied)] : target.remarks.registries,
      serviceAccounts: ['As CONFIG_ALLSERVICEACCOUNT and CONFIG_SERVICEACCOUNTS say.'],
      onConflict: patcher.force ? [`As CONFIG_FORCE says. ${backToKeep}`] : ['As CONFIG_FORCE says.'],
    },
  };
}

function targetOf(
  secretName: string,
  key: string,
  { secrets, hosts }: ContentGroup,
  surroundings: Surroundings,
): ImportedTarget {
  const namespaces = namespacesOf(secrets);
  const places = new Set(namespaces);
  const inside = surroundings.serviceAccounts.filter(({ namespace }) => places.has(namespace));
  const serviceAccounts = serviceAccountRules(secretName, inside);
  const others = secrets.filter(({ record }) => holderOf(record).kind === 'other').length;
  const sound = secrets.find(({ faults, identity }) => identity !== undefined && faults.length === 0);
  return {
    key,
    secretName,
    priority: 0,
    registries: registryValues(hosts),
    namespaces: exactNamespaces(namespaces, surroundings),
    serviceAccounts: serviceAccounts.include,
    onConflict: others > 0 ? 'adopt' : 'keep',
    remarks: {
      target: [],
      registries: sound ? [existingRemark(sound)] : [],
      namespaces: [],
      serviceAccounts: serviceAccounts.remarks,
      onConflict: others > 0 ? [`${others} of these Secrets were made by others. ${backToKeep}`] : [],
    },
  };
}

function existingRemark({ record }: PullSecret): string {
  return `${secretPlace(record)} holds these logins: with a copy of it in the release's namespace, existingSecrets can stand in place of this.`;
}
