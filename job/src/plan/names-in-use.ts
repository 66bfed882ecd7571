import type { Config } from '../config/config.ts';
import { coversGlob } from '../config/glob.ts';

/** Every name that this release ever used: what is in no list of the configuration any more can only be found by them. */
export interface NamesInUse {
  secrets: string[];
  /** Names and globs. */
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
  return addNames(earlier, configuredNames(config));
}

/** Both, each name once and in order. */
export function addNames(some: NamesInUse, more: NamesInUse): NamesInUse {
  return {
    secrets: [...new Set([...some.secrets, ...more.secrets])].toSorted(),
    serviceAccounts: [...new Set([...some.serviceAccounts, ...more.serviceAccounts])].toSorted(),
  };
}

/** Of all names and globs, the ones that no list of the configuration holds or covers any more. */
export function forgottenNames(config: Config, all: NamesInUse): NamesInUse {
  const { secrets, serviceAccounts } = configuredNames(config);
  const isCovered = coversGlob(serviceAccounts);
  return {
    secrets: all.secrets.filter((name) => !secrets.includes(name)),
    serviceAccounts: all.serviceAccounts.filter((glob) => !isCovered(glob)),
  };
}
