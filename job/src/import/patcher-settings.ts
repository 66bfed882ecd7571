import type { PatcherRecord } from './import-cluster.ts';

/** What an imagepullsecret-patcher does, in our words. Source: titansoft-pte-ltd/imagepullsecret-patcher v0.14. */
export interface PatcherSettings {
  secretName: string;
  /** It overwrites what others made. */
  force: boolean;
  serviceAccounts: string[];
  excludedNamespaces: string[];
  /** Settings that could not be taken, each in a sentence. */
  remarks: string[];
}

const namePattern = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

/** Its variables, with its own defaults. Names that Kubernetes does not know never had an effect. */
export function patcherSettings({ settings, unread }: PatcherRecord): PatcherSettings {
  const {
    CONFIG_FORCE = 'true',
    CONFIG_SECRETNAME = 'image-pull-secret',
    CONFIG_ALLSERVICEACCOUNT = 'false',
    CONFIG_SERVICEACCOUNTS = 'default',
    CONFIG_EXCLUDED_NAMESPACES = '',
  } = settings;
  const serviceAccounts = names(CONFIG_SERVICEACCOUNTS);
  const excluded = names(CONFIG_EXCLUDED_NAMESPACES);
  return {
    secretName: CONFIG_SECRETNAME,
    force: isTrue(CONFIG_FORCE),
    serviceAccounts: isTrue(CONFIG_ALLSERVICEACCOUNT)
      ? ['*']
      : serviceAccounts.valid.length > 0
        ? serviceAccounts.valid
        : ['default'],
    excludedNamespaces: excluded.valid,
    remarks: [
      ...(excluded.invalid > 0
        ? [`CONFIG_EXCLUDED_NAMESPACES has entries that name no namespace (they are not trimmed): ${excluded.invalid}`]
        : []),
      ...(serviceAccounts.invalid > 0
        ? [`CONFIG_SERVICEACCOUNTS has entries that name no ServiceAccount: ${serviceAccounts.invalid}`]
        : []),
      ...unread.map((name) => `${name} comes from another object and was not read: its default is taken`),
    ],
  };
}

function names(list: string): { valid: string[]; invalid: number } {
  const entries = list.split(',').filter((entry) => entry !== '');
  const valid = entries.filter((entry) => namePattern.test(entry));
  return { valid, invalid: entries.length - valid.length };
}

/** As Go's strconv.ParseBool. */
function isTrue(text: string): boolean {
  return ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text);
}
