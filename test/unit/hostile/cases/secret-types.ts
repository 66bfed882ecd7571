import type { Source } from '../deliver.ts';
import { auth, configOf, type HostileCase, refused, secret } from '../hostile-case.ts';

const content = Buffer.from(configOf({ auth }));
const of = (type: string, ...keys: string[]): Source => ({
  type,
  data: Object.fromEntries(keys.map((key) => [key, content])),
});

const otherTypes = [
  'Opaque',
  'kubernetes.io/basic-auth',
  'kubernetes.io/tls',
  'kubernetes.io/ssh-auth',
  'kubernetes.io/service-account-token',
  'bootstrap.kubernetes.io/token',
  'helm.sh/release.v1',
  'Kubernetes.io/DockerConfigJson',
  'kubernetes.io/dockerconfigjson ',
  'kubernetes.io/dockerconfig',
  'dockerconfigjson',
  '__proto__',
  'constructor',
  'x\n{"level":"info","message":"all is well"}',
  '\u001b[2J',
  't'.repeat(5000),
  '',
];

export const secretTypes: HostileCase[] = [
  ...otherTypes.map((type) =>
    refused(`a Secret of the type ${JSON.stringify(type).slice(0, 40)}`, of(type, '.dockerconfigjson'), 'otherType'),
  ),
  refused('a Secret made from a file config.json', of('Opaque', 'config.json'), 'otherType'),
  refused('a Secret of a username and a password', of('kubernetes.io/basic-auth', 'username', 'password'), 'otherType'),
  refused('a Secret without its key', of('kubernetes.io/dockerconfigjson', 'config.json'), 'empty'),
  refused('a Secret with the legacy key', of('kubernetes.io/dockerconfigjson', '.dockercfg'), 'empty'),
  refused('a legacy Secret with the newer key', of('kubernetes.io/dockercfg', '.dockerconfigjson'), 'empty'),
  refused('a Secret with its key in capitals', of('kubernetes.io/dockerconfigjson', '.DockerConfigJson'), 'empty'),
  refused('a Secret without data', of('kubernetes.io/dockerconfigjson'), 'empty'),
  refused('a legacy Secret with nothing in it', secret('', 'dockercfg'), 'empty'),
];
