import type { Config } from './config.ts';

/** Every name that this release ever used: what is in no list of the configuration any more can only be found by them. */
export interface NamesInUse {
  secrets: string[];
  serviceAccounts: string[];
}

function configuredNames({ targets, previousSecretNames, previousServiceAccounts }: Config): NamesInUse {
  return {
    secrets: [...targets.map(({ secretName }) => secretName), ...previousSecretNames],
    serviceAccounts: [...targets.flatMap(({ serviceAccounts }) => serviceAccounts.include), ...previousServiceAccounts],
  };
}

/** The names of earlier runs and the ones of this configuration. */
export function allNames(config: Config, earlier: NamesInUse): NamesInUse {
  const { secrets, serviceAccounts } = configuredNames(config);
  return {
    secrets: [...new Set([...earlier.secrets, ...secrets])].toSorted(),
    serviceAccounts: [...new Set([...earlier.serviceAccounts, ...serviceAccounts])].toSorted(),
  };
}

/** Of all names, the ones that no list of the configuration holds any more. */
export function forgottenNames(config: Config, all: NamesInUse): NamesInUse {
  const { secrets, serviceAccounts } = configuredNames(config);
  return {
    secrets: all.secrets.filter((name) => !secrets.includes(name)),
    serviceAccounts: all.serviceAccounts.filter(
      (name) => !serviceAccounts.includes(name) && !serviceAccounts.includes('*'),
    ),
  };
}
